"""Every notebook, through the whole pipeline, on parameters of seconds."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from normlab.ledger import SOURCES

ROOT = Path(__file__).parents[1]
QUICK = ["seeds=2", "num_train=200", "epochs=2", "hidden_dims=[20, 20, 20]"]


def build(folder, *arguments, assignments):
    options = [part for assignment in assignments for part in ("-p", assignment)]
    return subprocess.run(
        [sys.executable, "-m", "normlab.cli", "build", *options, "--output", folder, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NORMLAB_RUNS": str(folder) + "-runs"},
    )


@pytest.fixture(scope="module", params=["0[12]*", pytest.param("0[3-9]*", marks=pytest.mark.slow)])
def names(request):
    """Two notebooks, and the others, which take longer."""
    return sorted(path.stem for path in (ROOT / "notebooks").glob(f"{request.param}.ipynb"))


@pytest.fixture(scope="module")
def quick(names):
    """Parameters with which all of them take seconds."""
    return QUICK if len(names) == 2 else ["profile=quick"]


@pytest.fixture(scope="module")
def pages(names, quick, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    result = build(folder, *names, assignments=quick)
    assert result.returncode == 0, result.stderr
    return folder


def test_each_notebook_has_a_page_results_and_a_figure(pages, names):
    for suffix in ("html", "json", "svg"):
        made = {path.stem for path in pages.glob(f"*.{suffix}")}
        assert made - {"index", "manifest"} == set(names)


def test_each_answer_and_claim_is_on_the_index(pages):
    index = (pages / "index.html").read_text("utf-8")
    for path in pages.glob("0*.json"):
        results = json.loads(path.read_text("utf-8"))
        assert results["claims"]
        for claim in results["claims"]:
            assert f'href="{path.stem}.html#claim-{claim["name"]}"' in index
            assert f'id="claim-{claim["name"]}"' in path.with_suffix(".html").read_text("utf-8")


def test_links_resolve_and_nothing_comes_from_elsewhere(pages, names):
    others = {path.stem for path in (ROOT / "notebooks").glob("0*.ipynb")} - set(names)
    for path in pages.glob("*.html"):
        text = path.read_text("utf-8")
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), f"{path.name}: an id stands twice"
        for target in re.findall(r'\b(?:href|src)="([^"]+)"', text):
            if target in {source.link for source in SOURCES.values()}:
                continue
            assert not re.match(r"(https?:)?//", target), f"{path.name}: {target}"
            page, _, anchor = target.partition("#")
            folder = ROOT / "reports" if Path(page).stem in others else pages
            other = (folder / page).read_text("utf-8") if page else text
            assert not anchor or f'id="{anchor}"' in other, f"{path.name}: {target}"


def test_pages_are_small_and_have_no_script(pages):
    for path in pages.glob("*.html"):
        text = path.read_text("utf-8")
        assert "<script" not in text
        assert len(text) < 500_000, f"{path.name}: {len(text)} characters"


def test_a_second_build_gives_the_same_bytes(pages, names, quick, tmp_path):
    again = shutil.copytree(pages, tmp_path / "again")  # with neighbours that a page can link to
    result = build(again, names[1], assignments=quick)
    assert result.returncode == 0, result.stderr
    for suffix in ("html", "json", "svg"):
        name = f"{names[1]}.{suffix}"
        assert (again / name).read_bytes() == (pages / name).read_bytes()


@pytest.mark.slow
def test_on_cifar10(cifar10_dir, tmp_path):
    cifar10 = ("--dataset", "cifar10", "--data-dir", str(cifar10_dir))
    trained = (path.stem for path in (ROOT / "notebooks").glob("0[234589]*.ipynb"))
    result = build(tmp_path, *trained, *cifar10, assignments=["profile=quick"])
    assert result.returncode == 0, result.stderr
    results = json.loads((tmp_path / "02-deep-networks.json").read_text("utf-8"))
    assert results["dataset"]["name"] == "cifar10"
    assert len(results["dataset"]["sha256"]) == 64
