"""From a net to its programs: where its arrays lie, and which operations a step is made of."""

from math import prod

from normlab.nn import softmax_loss
from normlab.nn.network import Node
from normlab.training.engine.program import Memory, Program


class Plan:
    """The programs of a net for one size of minibatch.

    Parameters
    ----------
    model : Network
        One for which `lacks_twin` returns None.
    n : int
        Examples in a minibatch.
    most : int
        Examples for which there is room in test mode.

    Attributes
    ----------
    memory : Memory
        Not made yet, so that more can be placed in it.
    parameters : dict
        Name -> (place, place of the gradient, shape). They lie one after the other from ``first``
        on, their gradients in the same order from ``first_gradient`` on; ``size`` numbers each.
    statistics : list of (param dict, name, place, shape)
    masks : list of (dropout_param, place, shape), in the order in which they are drawn
    input, scores, dscores : (place, shape)
    forward, backward : Program
    """

    def __init__(self, model, n, most):
        self.model, self.n, self.most = model, n, most
        self.memory, self.forward, self.backward = Memory(model.dtype), Program(), Program()
        self.first = self.memory.size
        places = {name: self._place(array.shape) for name, array in model.params.items()}
        self.size = self.memory.size - self.first
        self.first_gradient = self.memory.place(self.size)
        shift = self.first_gradient - self.first
        self.parameters = {k: (start, start + shift, shape) for k, (start, shape) in places.items()}
        self.statistics, self.masks, self.norms = [], [], {}
        width = model.params[model.nodes[0].names[0]].shape[0]
        self.input = self._place((n, width))
        widest = max(shape[-1] for _, _, shape in self.parameters.values())
        self._areas = [self.memory.place(most * widest) for _ in range(3)]
        self.test_rows = [self.memory.place(most) for _ in range(2)]
        self._test_programs = {}
        self._train(width)

    def _place(self, shape):
        return self.memory.place(prod(shape)), shape

    def _train(self, width):
        x, ways_back = self.input[0], []
        for node in self.model.nodes:
            x, width, back = _EMIT[node.layer.name](self, node, x, width)
            ways_back.append(back)
        self.scores, self.dscores = (x, (self.n, width)), self._place((self.n, width))
        dout = self.dscores[0]
        for number in reversed(range(len(ways_back))):
            dout = ways_back[number](dout, number > 0)
        self.forward.finish()
        self.backward.finish()

    def test_program(self, n):
        """(program, first, scores) for n examples: the places of the first product and of the end.

        The first product, that of the examples with the first weights, is left to the caller.
        """
        if n not in self._test_programs:
            program, (x, other, spare) = Program(), self._areas
            width, first = 0, None
            for node in self.model.nodes:
                name, params = node.layer.name, [self.parameters[each] for each in node.names]
                if name == "affine":
                    (w, _, (d, m)), (b, _, _) = params
                    if first is None:
                        first = (x, (n, m))
                        program.add("bias", (n, 0, m), b, x)
                    else:
                        program.add("affine", (n, d, m), x, w, b, other)
                        x, other = other, x
                    width = m
                    continue
                if name == "dropout":
                    continue
                if name == "relu":
                    program.add("relu", (n * width,), x, other)
                else:
                    _test_normalization(self, program, node, n, width, x, other, spare)
                x, other = other, x
            self._test_programs[n] = program.finish(), first, (x, (n, width))
        return self._test_programs[n]


def lacks_twin(model, n):
    """Why the engine cannot train a net with minibatches of n, in words; None if it can."""
    for node in model.nodes:
        if not isinstance(node, Node) or node.layer.name not in _EMIT:
            return "a layer without a compiled twin"
        if node.layer.name == "dropout" and node.param.get("rng") is None:
            return "dropout with a seed of its own"
    if model.loss_function is not softmax_loss:
        return "another loss than softmax"
    if model.nodes[0].layer.name != "affine":
        return "another first layer than affine"
    sizes = [n, *(size for array in model.params.values() for size in array.shape)]
    return "a width or batch of 1" if min(sizes) < 2 else None


# How each layer is carried out: (plan, node, place of x, width) -> place of out, width, way back


def _affine(plan, node, x, _width):
    (w, dw, (d, m)), (b, db, _) = (plan.parameters[name] for name in node.names)
    n, out = plan.n, plan.memory.place(plan.n * m)
    plan.forward.add("affine", (n, d, m), x, w, b, out)

    def back(dout, is_asked):
        plan.backward.add("affine back", (n, d, m), dout, x, dw, db)
        if not is_asked:
            return None
        dx = plan.memory.place(n * d)
        plan.backward.add("affine back input", (n, d, m), dout, w, dx)
        return dx

    return out, m, back


def _relu(plan, _node, x, width):
    size = plan.n * width
    out, dx = plan.memory.place(size), plan.memory.place(size)
    plan.forward.add("relu", (size,), x, out)

    def back(dout, _is_asked):
        plan.backward.add("relu back", (size,), dout, x, dx)
        return dx

    return out, width, back


def _dropout(plan, node, x, width):
    size = plan.n * width
    out, dx, mask = (plan.memory.place(size) for _ in range(3))
    plan.masks.append((node.param, mask, (plan.n, width)))
    plan.forward.add("multiply", (size,), x, mask, out)

    def back(dout, _is_asked):
        plan.backward.add("multiply", (size,), dout, mask, dx)
        return dx

    return out, width, back


def _batchnorm(plan, node, x, width):
    n, size = plan.n, plan.n * width
    (gamma, dgamma, _), (beta, dbeta, _) = (plan.parameters[name] for name in node.names)
    _, eps, momentum, *_ = node.layer.options.read(node.param, plan.model.params[node.names[0]])
    place, number = plan.memory.place, plan.memory.number
    keep, rest, eps = number(momentum), number(1 - momentum), number(eps)
    out, xhat, dx = (place(size) for _ in range(3))
    std, mean, var, a, b, c = (place(width) for _ in range(6))
    plan.forward.add("batchnorm", (n, width), x, gamma, beta, eps, out, xhat, std, mean, var, a)
    running = []
    for name, sample in (("running_mean", mean), ("running_var", var)):
        running.append(place(width))
        plan.statistics.append((node.param, name, running[-1], (width,)))
        plan.forward.add("move", (n, width), running[-1], keep, rest, sample)
    plan.norms[node.names] = (eps, *running)

    def back(dout, _is_asked):
        places = (dout, xhat, std, gamma, dx, dgamma, dbeta, a, b, c)
        plan.backward.add("batchnorm back", (n, width), *places)
        return dx

    return out, width, back


def _layernorm(plan, node, x, width):
    n, size = plan.n, plan.n * width
    (gamma, dgamma, _), (beta, dbeta, _) = (plan.parameters[name] for name in node.names)
    eps, _ = node.layer.options.read(node.param, plan.model.params[node.names[0]])
    place = plan.memory.place
    out, xhat, dx = (place(size) for _ in range(3))
    std, var, a, b = place(n), place(n), place(width), place(width)
    eps = plan.memory.number(eps)
    plan.forward.add("layernorm", (n, width), x, gamma, beta, eps, out, xhat, std, var)
    plan.norms[node.names] = (eps,)

    def back(dout, _is_asked):
        places = (dout, xhat, std, gamma, dx, dgamma, dbeta, a, b)
        plan.backward.add("layernorm back", (n, width), *places)
        return dx

    return out, width, back


def _test_normalization(plan, program, node, n, width, x, out, spare):
    (gamma, _, _), (beta, _, _) = (plan.parameters[name] for name in node.names)
    eps, *running = plan.norms[node.names]
    if node.layer.name == "batchnorm":
        program.add("batchnorm test", (n, width), x, gamma, beta, eps, *running, out, spare)
    else:
        std, var = plan.test_rows
        program.add("layernorm", (n, width), x, gamma, beta, eps, out, spare, std, var)


_EMIT = {
    "affine": _affine,
    "relu": _relu,
    "dropout": _dropout,
    "batchnorm": _batchnorm,
    "layernorm": _layernorm,
}
