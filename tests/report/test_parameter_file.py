import os
import time

import pytest

from normlab.report.errors import BuildError
from normlab.report.parameter_file import read_values
from normlab.report.parameters import Parameter, assign


@pytest.fixture
def parameters():
    defaults = {"seeds": 10, "rate": 1e-3, "name": "adam", "fast": False, "dims": [100, 100]}
    return {
        name: Parameter(name, type(default).__name__, default, "")
        for name, default in defaults.items()
    }


def write(folder, text):
    path = folder / "values.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_values_of_a_file(parameters, tmp_path):
    path = tmp_path / "values.yaml"
    path.write_text("seeds: 3\nrate: 1e-3\nname: sgd\nfast: true\ndims: [1, 2]\n", "utf-8")
    values = assign([*read_values(path), "seeds=4"], {"toy": parameters})
    assert values == {"toy": {"seeds": 4, "name": "sgd", "fast": True, "dims": [1, 2]}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seeds: true", "parameter seeds: 'true' is not of type int"),
        ("rate: .nan", "parameter rate: '.nan' is not of type float"),
        ("dims: [[1]]", "parameter dims: '[[1]]' is not of type list"),
        ("dims:\n- 1\n- - 1", "values.yaml: line 2: 'dims' is more than a value; write a line"),
        ("dims:\n- a: 1", "values.yaml: line 2: 'dims' is more than a value; write a line"),
        ("seeds: 3\nname:\n  first: 1", "values.yaml: line 3: 'name' is more than a value"),
        ("12: 3", "unknown parameter '12'"),
        ("sedes: 3", "unknown parameter 'sedes'; did you mean 'seeds'"),
    ],
)
def test_a_file_of_values_that_are_no_good(text, words, parameters, tmp_path):
    path = tmp_path / "values.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BuildError) as caught:
        assign(read_values(path), {"toy": parameters})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            ("seeds", text)
            for text in (
                "3",
                "010",
                "1:30",
                "1e3",
                "1_000",
                "0x10",
                "0o10",
                "+3",
                "yes",
                "~",
                "",
                "2020-01-01",
                "2020-1-1",
                "0b1",
                "1.0",
                ".5",
                "null",
                "True",
            )
        ),
        *(("fast", text) for text in ("yes", "no", "on", "off", "true", "false", "True", "y", "1")),
        *(("rate", text) for text in ("1e-3", "1", ".inf", ".nan", "1_0.5", "1e999", "6:30.5")),
        *(("name", text) for text in ("no", "010", "1:30", "~", "2020-01-01", "", "12", "a b")),
        *(
            ("dims", text)
            for text in (
                "[5, 50]",
                "[010]",
                "[1:30]",
                "[yes]",
                "[5,]",
                "[]",
                "5",
                "[1e3]",
                "[0x10]",
            )
        ),
    ],
)
def test_a_text_means_what_it_means_behind_p(name, text, parameters, tmp_path):
    def result(assignments):
        try:
            return repr(assign(assignments(), {"toy": parameters}))
        except BuildError as error:
            return str(error)

    typed = result(lambda: [f"{name}={text}"])
    path = write(tmp_path, f"{name}: {text}\n")
    assert result(lambda: read_values(path)) == typed


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("dims:\n  - 5\n  - 50\n", [("dims", "[5, 50]")]),
        ("dims: [5, # five\n  50]\n", [("dims", "[5, # five\n  50]")]),
        ("{seeds: 3, rate: 1}", [("seeds", "3"), ("rate", "1")]),
        ("name: '010'  # quoted", [("name", "010")]),
        ("\ufeffseeds: 3\r\nrate: 1\r\n", [("seeds", "3"), ("rate", "1")]),
        ("name: größe/日本.npz", [("name", "größe/日本.npz")]),
        ("{}", []),
    ],
)
def test_layouts(text, pairs, tmp_path):
    assert read_values(write(tmp_path, text)) == pairs


BOMB = "a: &a [1, 1]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "not YAML in line 1; write a line `name: value` each"),
        ("seeds: &a 3\nepochs: *a", "not YAML in line 1"),
        ("seeds: !!int 3", "not YAML in line 1"),
        ("seeds: 3\nrate: !x 3", "not YAML in line 2"),
        ("seeds: 3\nrate: 1\nseeds: 5", "line 3: 'seeds' is given twice; keep one of them"),
        ("seeds: 3\n'seeds': 3", "line 2: 'seeds' is given twice"),
        ("seeds: 3\n---\nseeds: 4", "not YAML in line 2"),
        ("dims: [" + "1, " * 10**6 + "1]", "longer than 20 kB"),
        ("a: " + "x" * 10**7, "longer than 20 kB"),
        ("[" * 19000, "not YAML"),
        ("{" * 19000, "not YAML"),
        ("- " * 9000, "not YAML"),
        ("a: " * 6000, "not YAML"),
        ("", "holds no parameters"),
        ("# nothing", "holds no parameters"),
        ("3", "holds no parameters"),
        (b"\xff\xfe", "not UTF-8"),
        ("seeds: 3".encode("utf-16"), "not UTF-8"),
        (b"seeds: \x00", "not YAML"),
        ("dims: [" + "1," * 9000, "not YAML"),
    ],
    ids=range(20),
)
def test_a_file_that_is_refused_at_once(text, words, tmp_path):
    path = write(tmp_path, text)
    began = time.monotonic()
    with pytest.raises(BuildError) as caught:
        read_values(path)
    assert time.monotonic() - began < 5
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="needs pipes with names")
def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in (tmp_path / "pipe", "/dev/zero", "/dev/null"):
        with pytest.raises(BuildError, match=rf"^{name}: not a file; name a YAML file"):
            read_values(name)
    for name in ("", "none", "loop", "a" * 300, "nul\0"):
        with pytest.raises(BuildError, match=r"name a YAML file of parameters$"):
            read_values(tmp_path / name)
