"""One contender a module; each has ``start(workload, **options) -> (step, nets)``.

``step()`` makes one update of ``nets`` nets, each with a minibatch of its own, and hands out
their losses as numbers: drawing the minibatch, gathering it, loss, gradients and Adam. What is
costly and not training (compiling, say) is kept from one start to the next.

A module is imported by the interpreter that runs it, which need not have normlab.
"""
