"""Every page in headless Chromium and before the W3C validator."""

import html.parser
import urllib.parse

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

VIEWS = [("light", 1280), ("dark", 1280), ("light", 360)]


@pytest.fixture(scope="module")
def looks(browser, pages):
    """What Chromium saw of each page: in the light, in the dark, on a telephone."""
    tasks = [
        {"page": str(page), "scheme": scheme, "width": width, "axe": True}
        for page in pages
        for scheme, width in VIEWS
    ]
    return browser(tasks).pages


def faults(looks, *keys):
    """A line for each thing that was seen under these keys, with the page and the view."""
    return [
        f"{look['page'].rsplit('/', 1)[1]}, {look['scheme']}, {look['width']} px: {thing}"
        for look in looks
        for key in keys
        for thing in look[key]
    ]


def none(lines):
    assert not lines, "\n" + "\n".join(lines)


def test_axe_finds_no_violation(looks):
    none(faults(looks, "violations"))


def test_no_page_scrolls_sideways(looks):
    none([f"{look['page']}: {look['wide']}" for look in looks if look["overflow"] > 0])


def test_pages_need_nothing_but_themselves(looks):
    none(faults(looks, "requests", "console", "dialogs", "popups"))


def test_all_formulas_are_drawn_whole(looks):
    none(faults(looks, "invisible"))
    assert sum(look["formulas"] for look in looks) >= 20 * len(VIEWS)


def test_the_validator_finds_no_error(validate, pages):
    none(validate(pages))


def test_what_breaks_a_bar_is_seen(browser, validate, tmp_path):
    page = tmp_path / "broken.html"
    page.write_text(
        "<!DOCTYPE html><html><head><title>x</title></head><body><p style='width: 900px'>wide<p>"
        "<math style='display: none'><mi>x</mi></math>"
        "<math display='block' style='overflow: auto; width: 9px'><mi>wider</mi></math>"
        "<img src='missing.png'><b><i></b></i>"
    )
    [look] = browser([{"page": str(page), "width": 360, "axe": True}]).pages
    assert {fault.split()[0] for fault in look["violations"]} >= {"html-has-lang", "image-alt"}
    assert look["overflow"] > 0
    assert look["wide"]
    assert look["invisible"] == ["x", "wider"]
    assert look["requests"]
    assert look["console"]
    assert validate([page])


class _Links(html.parser.HTMLParser):
    """The targets and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.anchors = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src", "xlink:href"):
                self.targets.append(value)
            elif name == "id":
                self.anchors.append(value)


def dead_links(folder):
    """(links that lead nowhere, pairs of page and file that it links to)."""
    links = {path.name: _Links(path.read_text("utf-8")) for path in folder.glob("*.html")}
    dead, edges = [], set()
    for name, page in links.items():
        for target in page.targets:
            url = urllib.parse.urlsplit(target)
            if url.scheme or url.netloc:
                continue
            to = urllib.parse.unquote(url.path) or name
            anchor = urllib.parse.unquote(url.fragment)
            edges.add((name, to))
            known = to in links and (not anchor or anchor in links[to].anchors)
            if not known and not ((folder / to).is_file() and not anchor):
                dead.append(f"{name}: {target}")
    return dead, edges


def test_every_link_and_anchor_resolves(pages):
    dead, edges = dead_links(pages[0].parent)
    none(dead)
    for name in {page.name for page in pages[:-1]} - {"index.html"}:
        assert {("index.html", name), (name, "index.html")} <= edges


def test_a_walk_from_the_index_to_the_data_and_back(pages):
    folder = pages[0].parent
    index = _Links((folder / "index.html").read_text("utf-8"))
    for page in (page for page in pages[:-1] if page.name != "index.html"):
        assert page.name in index.targets
        text = page.read_text("utf-8")
        figure = text.index("<figure")
        assert "<details" in text[figure:], "no data beside the figure"
        assert "<table" in text[figure:]
        targets = _Links(text).targets
        assert "index.html" in targets
        data = {target for target in targets if target.endswith(".csv")}
        figures = text.count('.csv">Data of figure ')  # a drawing has none
        assert len(data) == figures + 1 > 1, "no file of data for a figure, or for the claims"
        assert {path.name for path in folder.glob(f"{page.stem}.*.csv")} == data
        assert data <= set(index.targets)


def test_ids_are_unique(pages):
    for page in pages:
        anchors = _Links(page.read_text("utf-8")).anchors
        assert len(set(anchors)) == len(anchors), page


def test_a_dead_link_is_seen(tmp_path):
    page = tmp_path / "index.html"
    page.write_text('<a href="#a">1</a><a href="b.html">2</a><a href="index.html#c" id="c">3</a>')
    assert dead_links(tmp_path)[0] == ["index.html: #a", "index.html: b.html"]
