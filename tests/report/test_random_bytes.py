"""Random bytes of pages, results and manifests change: a line or the right page, nothing lost."""

import random
import re

import pytest

from normlab import cli
from normlab.report import verify as verify_module
from normlab.report.build import build
from normlab.report.finished import read_build
from tests.report.conftest import Told, code_now

pytestmark = pytest.mark.slow
TIMES = 60  # for each of five seeds
ANSWERS = {"<p>Yes, <strong>2</strong> of them.</p>"}


@pytest.fixture
def built(project, fake, monkeypatch):
    """Published pages and another build, by name: content of each of their files."""
    monkeypatch.setattr(verify_module, "code_now", code_now)
    folders = [build(project, [], more, None, Told())[1] for more in ([], ["seeds=3"])]
    return {path: path.read_bytes() for folder in folders for path in folder.iterdir()}


@pytest.mark.parametrize("seed", range(5))
def test_a_changed_byte_is_a_line_and_no_wrong_page(seed, built, project, fake, capsys):
    rng = random.Random(seed)
    (other,) = (path.name for path in project.builds.iterdir() if path.is_dir())
    for _ in range(TIMES):
        for path, content in built.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
        path = rng.choice([p for p in built if p.suffix == ".json"] * 2 + list(built))
        content = bytearray(built[path])
        for _ in range(rng.choice([1, 1, 1, 20])):
            content[rng.randrange(len(content))] ^= rng.randrange(1, 256)
        path.write_bytes(content)
        capsys.readouterr()
        codes = [
            cli.main(arguments)
            for arguments in (
                ["verify", str(path.parent)],
                ["compare", "published", other],
                ["build", "01-good", "--output", str(path.parent)],
                ["build", "01-good"],
            )
        ]
        said = capsys.readouterr()
        assert set(codes) <= {0, 1, 2}
        assert codes[0] == 1
        assert "Traceback" not in said.out + said.err
        complaints = [line for line in said.err.splitlines() if line.startswith("normlab: ")]
        assert len(complaints) == codes.count(2), said.err
        for old in built:
            assert old.exists(), old
        index = (path.parent / "index.html").read_text("utf-8")
        assert {*re.findall(r'class="short">.*?</div>\s*(.*?)\s*<a', index, re.S)} == ANSWERS
        for page in read_build("x", path.parent).pages.values():
            assert page.headline == {"worst": (1e-9,)}
        assert not list(project.root.rglob(".new-*"))
