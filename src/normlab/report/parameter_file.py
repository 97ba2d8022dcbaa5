"""Files of parameters: a line ``name: value`` each, in YAML.

Only the layout is YAML's. A value is the text that stands there, and means what it means after
``-p name=``: YAML would read 010 as 8, 1:30 as 90 and no as False.
"""

from pathlib import Path

from normlab.plain import shown
from normlab.report.errors import BuildError
from normlab.report.files import read_bytes

_LONGEST = 20_000  # bytes
_DEEPEST = 5  # lists in lists
_FORM = "write a line `name: value` each"


def read_values(path: Path) -> list[tuple[str, str]]:
    """(name, text of the value) pairs of a file, such as ``seeds: 3``, for `assign`."""
    import yaml

    text = _read(path)
    try:
        _refuse_signs(text)
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise BuildError(f"{path}: not YAML{line}; {_FORM}") from error
    if not isinstance(root, yaml.MappingNode):
        raise BuildError(f"{path}: holds no parameters; {_FORM}")
    pairs = {}
    for key, node in root.value:
        name = _text(key, text) or ""
        if name in pairs:
            line = key.start_mark.line + 1
            raise BuildError(f"{path}: line {line}: {shown(name)} is given twice; keep one of them")
        pairs[name] = _text(node, text)
        if pairs[name] is None:
            line = node.start_mark.line + 1
            raise BuildError(f"{path}: line {line}: {shown(name)} is more than a value; {_FORM}")
    return list(pairs.items())


def _read(path):
    try:
        return read_bytes(path, _LONGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BuildError(f"{path}: not UTF-8; {_FORM}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        way = f"write -p {path} for one" if "=" in str(path) else "name a YAML file of parameters"
        raise BuildError(f"{path}: {reason}; {way}") from error


def _refuse_signs(text):
    """Refuse what YAML has beside lists of texts: types, values that stand elsewhere, nests."""
    import yaml

    depth = 0
    for token in yaml.scan(text, Loader=yaml.BaseLoader):
        kind = type(token).__name__
        depth += ("Start" in kind) - ("End" in kind)
        if depth > _DEEPEST or kind in ("TagToken", "AnchorToken", "AliasToken"):
            raise yaml.MarkedYAMLError(problem_mark=token.start_mark)


def _text(node, text):
    """What a person would type for a value: a scalar itself, a list in brackets.

    None for lines within lines, which nobody could type.
    """
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        if any(_has_lines(item) for item in node.value):
            return None
        return f"[{', '.join(_part(item, text) for item in node.value)}]"
    return None if _has_lines(node) else _part(node, text)


def _has_lines(node):
    """Whether it is a list or a mapping without brackets."""
    return isinstance(node.value, list) and not node.flow_style


def _part(node, text):
    return text[node.start_mark.index : node.end_mark.index]
