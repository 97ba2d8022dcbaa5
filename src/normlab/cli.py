"""The command line: one command runs, and what goes wrong becomes one line and an exit code."""

import contextlib
import os
import signal
import sys

import click

from normlab.options import normlab
from normlab.plain import Plain, printable
from normlab.report.errors import BuildError
from normlab.stopping import stopping_on_signals
from normlab.usage import in_words


def main(arguments=None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 not understood."""
    _open_standard_streams()
    with (
        contextlib.redirect_stdout(sys.stdout and Plain(sys.stdout)),
        contextlib.redirect_stderr(sys.stderr and Plain(sys.stderr)),
    ):
        return _main(sys.argv[1:] if arguments is None else list(arguments))


def _main(arguments):
    # jsonschema, of nbformat, would make a grammar of web addresses out of it. That takes up
    # to a second, it does without, and no notebook's schema asks for addresses.
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        with stopping_on_signals():
            return normlab.main(arguments, prog_name="normlab", standalone_mode=False) or 0
    except click.UsageError as error:
        return _complain(in_words(error))
    except click.Abort as aborted:  # how click passes on Ctrl-C
        return _stopped(arguments, aborted.__context__)
    except KeyboardInterrupt as stopped:
        return _stopped(arguments, stopped)
    except BrokenPipeError:  # as in `normlab list | head -1`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13  # as a program that SIGPIPE ends
    except (BuildError, ValueError, OSError) as error:
        if "--debug" in arguments[:1]:
            raise
        return _complain(str(error) or type(error).__name__)


def _stopped(arguments, stopped):
    kept = "; the last good pages and all finished runs are kept"
    _complain("stopped" + (kept if "build" in arguments[:2] else ""))
    return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)


def _open_standard_streams():
    """Let no file of a build take the number of an output that the caller has closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _complain(message):
    with contextlib.suppress(OSError):  # nobody may be there any more
        print(f"normlab: {printable(message)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
