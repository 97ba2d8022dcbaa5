"""No text from outside runs a script or fetches anything: two walls, each held by itself."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from nbformat import v4

from normlab.report.errors import BuildError
from normlab.report.markup import for_page
from normlab.report.render import render, render_site
from tests.pages.conftest import ROOT
from tests.pages.hostile_pages import hostile_index, hostile_page, takes, without_policy
from tests.pages.payloads import HOST, MARKUP, PAYLOADS, RUN, URL
from tests.report.conftest import RESULTS, executed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore:Glyph .* missing from font"),
]

ACTING = {
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "button",
    "base",
    "img",
    "foreignObject",
    "animate",
    "set",
    "audio",
    "video",
    "annotation-xml",
}
PLANTED = "".join(
    PAYLOADS[name]
    for name in (
        "script",
        "picture that fails",
        "picture of another host",
        "drawing",
        "style",
        "style of an element",
        "object",
        "script of another host",
    )
)


def normal(text):
    """Text as a browser keeps it: no signs that a page cannot hold, white space alike."""
    return " ".join(for_page(text).split())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Pages of a true build: a data set whose file, classes and parameter are hostile."""
    folder = tmp_path_factory.mktemp("built")
    data = folder / f"<svg onload={RUN}>\"'><img src=x onerror={RUN}>$x$[x](javascript:{RUN}).npz"
    rng = np.random.default_rng(0)
    arrays = {}
    for part, number in (("train", 200), ("val", 60)):
        arrays[f"X_{part}"] = rng.integers(0, 256, (number, 1, 4, 4), dtype=np.uint8)
        arrays[f"y_{part}"] = np.arange(number) % 4
    names = [PAYLOADS[name] for name in ("script", "attribute and element", "template", "drawing")]
    np.savez(data, class_names=np.array(names), **arrays)
    quick = ["seeds=2", "num_train=200", "epochs=2", "hidden_dims=[9, 9, 9]"]
    command = [sys.executable, "-m", "normlab.cli", "build", "02-deep-networks"]
    command += ["--dataset", data, "--output", folder / "pages"]
    command += [part for value in quick for part in ("-p", value)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"NORMLAB_RUNS": str(folder / "runs")},
    )
    assert done.returncode == 0, done.stderr
    return {
        name: (folder / "pages" / f"{name}.html").read_text("utf-8")
        for name in ("02-deep-networks", "index")
    }


@pytest.fixture(scope="module")
def hostile(built):
    """Pages with every payload in every place, and those of a true build."""
    payloads = list(PAYLOADS.values())
    with pytest.MonkeyPatch.context() as patch:
        pages = {"page": hostile_page(payloads, patch), "index": hostile_index(payloads, patch)}
    return pages | {f"built {name}": text for name, text in built.items()}


@pytest.fixture(scope="module")
def looks(browser, hostile, tmp_path_factory):
    """What Chromium saw of these pages, with their policy and without."""
    folder = tmp_path_factory.mktemp("hostile")
    tasks = []
    for name, text in hostile.items():
        for walls, page in (("both walls", text), ("escaping alone", without_policy(text))):
            path = folder / f"{name}, {walls}.html"
            path.write_text(page, "utf-8")
            tasks.append({"page": str(path), "click": True, "wait": 500})
    seen = browser(tasks)
    assert not [host for host in seen.hosts if HOST in host]
    return {look["page"].rsplit("/", 1)[1].removesuffix(".html"): look for look in seen.pages}


def assert_nothing_happened(look):
    assert look["ran"] is None
    for key in ("dialogs", "popups", "requests", "handlers"):
        assert not look[key], (key, look[key])


def test_hostile_texts_do_nothing(looks):
    for look in looks.values():
        assert_nothing_happened(look)
        assert not ACTING.intersection(look["tags"])


def test_hostile_texts_give_the_policy_nothing_to_stop(looks):
    for look in looks.values():
        assert not look["console"]


def test_hostile_links_lead_to_no_script(looks):
    for look in looks.values():
        for element, _, to in look["links"]:
            if element in ("a", "use"):
                assert re.match(r"https?://|#|(?![^/?#]*:)", to), (element, to)
            else:
                assert to == "data:," or to.startswith("data:image/png;base64,"), (element, to)


@pytest.mark.parametrize("page", ["page", "index"])
def test_hostile_texts_can_be_read(looks, page):
    text = normal(looks[f"{page}, both walls"]["text"])
    for name, payload in PAYLOADS.items():
        # At least the places that show it as it is: table cells, claims, printed text.
        assert text.count(normal(payload)) >= {"page": 10, "index": 6}[page], name


def test_the_built_page_names_its_hostile_data_set(looks):
    for name in ("02-deep-networks", "index"):
        assert f"<img src=x onerror={RUN}>$x$" in looks[f"built {name}, both walls"]["text"]


def test_few_payloads_are_refused_rather_than_shown():
    refused = {name for name, text in PAYLOADS.items() if not takes(text)}
    assert refused == {"formula with a colour", "formula with a link"}


@pytest.mark.parametrize("name", sorted(MARKUP))
def test_markup_that_acts_is_refused_as_an_output(name):
    for mime, text in (
        ("text/html", PAYLOADS[name]),
        ("text/html", f"<table><tbody><tr><td>{PAYLOADS[name]}</td></tr></tbody></table>"),
        ("image/svg+xml", f'<svg xmlns="http://www.w3.org/2000/svg">{PAYLOADS[name]}</svg>'),
    ):
        about = {"image/svg+xml": {"alt": "A figure.", "name": "a"}}
        output = v4.new_output("display_data", {mime: text}, metadata=about)
        with pytest.raises(BuildError, match=r"^cell 3: "):
            render(executed([output]), title="T")
    results = json.loads(json.dumps(RESULTS))
    page = {"name": "01-a", "title": "A", "question": "Q?", "results": results, "svg": text}
    with pytest.raises(BuildError, match=r"^01-a.svg: "):
        render_site(pages=[page], command="make reports")


@pytest.fixture(scope="module")
def planted(failure_page, tmp_path_factory):
    """A page into whose body markup was put that the escaping would not have let through."""
    text = failure_page.read_text("utf-8").replace("</main>", f"{PLANTED}</main>", 1)
    path = tmp_path_factory.mktemp("planted") / "planted.html"
    path.write_text(text, "utf-8")
    return path


def test_the_policy_alone_stops_what_is_planted(browser, planted):
    seen = browser([{"page": str(planted), "wait": 500}])
    [look] = seen.pages
    assert {"script", "img", "svg", "object"} <= set(look["tags"])
    assert look["handlers"]
    assert look["ran"] is None
    assert not look["dialogs"]
    assert not [host for host in seen.hosts if HOST in host]
    assert [line for line in look["console"] if "Content Security Policy" in line]


def test_without_either_wall_it_is_seen_to_run(browser, planted):
    text = without_policy(planted.read_text("utf-8"))
    planted.with_name("open.html").write_text(
        text.replace("</head>", f"{PAYLOADS['name look-up']}</head>"), "utf-8"
    )
    seen = browser([{"page": str(planted.with_name("open.html")), "click": True, "wait": 1000}])
    [look] = seen.pages
    assert look["ran"] == 1
    assert look["dialogs"]
    assert [url for url in look["requests"] if url.startswith(URL)]
    assert [host for host in seen.hosts if HOST in host], "the log of the network sees nothing"


def test_policies_of_both_templates(hostile):
    for text in hostile.values():
        for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"):
            assert part in text[: text.index("<style>")]
        assert re.search(r"<meta[^>]*no-referrer", text)
