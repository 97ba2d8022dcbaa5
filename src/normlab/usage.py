"""How the command line reads what a person types, and words what it does not understand."""

import itertools

import click

from normlab.messages import nearest, unknown_name


def in_words(error):
    """One line for what click does not understand, with the way out."""
    path = error.ctx.command_path if error.ctx else "normlab"
    if isinstance(error, click.NoSuchOption):
        hint = _near_option(error.option_name, error.ctx, getattr(error, "following", ""))
        return f"unknown option {error.option_name!r}{hint} (see {path} --help)"
    message = error.format_message().rstrip(".")
    return f"{message[:1].lower()}{message[1:]}; see {path} --help"


def _near_option(given, context, following=""):
    """The end of a line that offers the option that was meant, or -p for a parameter."""
    choices = _options_of(context)
    name, _, value = given.lstrip("-").partition("=")
    known = [choice for choice in choices if choice.startswith("--")]
    if len(name) == 1:
        near = [choice for choice in known if choice.startswith(f"--{name}")]
        return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    if hint := nearest(name, [choice[2:] for choice in known]):
        return hint.replace("'", "'--", 1)
    return (
        f"; to set a parameter, write -p {name}={value or following or 'VALUE'}"
        if "-p" in choices
        else ""
    )


def _options_of(context):
    return [name for param in context.command.get_params(context) for name in param.opts]


class _CutShort:
    """Options may be cut short, as long as one option alone begins so."""

    def parse_args(self, ctx, args):
        known = [name for name in _options_of(ctx) if name.startswith("--")]
        ours = list(itertools.takewhile(self._is_ours, args))
        full = [_completed(argument, known) for argument in ours]
        try:
            return super().parse_args(ctx, full + args[len(ours) :])
        except click.NoSuchOption as error:  # whose name click gives without its value
            whole = (a for a in full if a.startswith(f"{error.option_name}="))
            error.option_name = next(whole, error.option_name)
            error.following = _following(full, error.option_name)
            raise


class Command(_CutShort, click.Command):
    """A command."""

    @staticmethod
    def _is_ours(argument):
        return argument != "--"


class Group(_CutShort, click.Group):
    """Commands, of which a mistyped one is told by the nearest name."""

    command_class = Command

    @staticmethod
    def _is_ours(argument):
        return argument.startswith("-")  # what follows is the command's

    def resolve_command(self, ctx, args):
        """The command that is named first."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise click.BadArgumentUsage(unknown_name("command", args[0], self.commands), ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx):
        """Names in the order in which one uses the commands."""
        return list(self.commands)


def _following(arguments, name):
    """What stands behind an option as its value may."""
    after = arguments[arguments.index(name) + 1 :][:1] if name in arguments else []
    return "".join(argument for argument in after if not argument.startswith("-"))


def _completed(argument, known):
    name, equals, value = argument.partition("=")
    begin_so = [choice for choice in known if choice.startswith(name)]
    if name.startswith("--") and name not in known and len(begin_so) == 1:
        return begin_so[0] + equals + value
    return argument
