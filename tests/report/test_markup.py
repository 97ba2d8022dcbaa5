import pytest

from normlab.report.errors import BuildError
from normlab.report.markdown import markdown
from normlab.report.markup import check_markup, for_page, is_link, is_picture

GOOD = [
    ("HTML", "<table><caption>a &amp; b</caption><tr><td class='x'>1</td></tr></table>"),
    ("HTML", '<details open=""><a href="data/a.csv" download="a.csv">a</a></details>'),
    ("HTML", "only text, on its own, url(x) javascript:x"),
    ("SVG", '<svg viewBox="0 0 1 1"><g id="a"/><use href="#a" transform="rotate(-0 1 2)"/></svg>'),
    ("SVG", "<svg><!-- $\\mathdefault{10^{-3}}$ --><path d='M 0 0' style='fill: url(#a)'/></svg>"),
    ("SVG", "<svg><style>*{fill: red}</style><text style=\"font: 9px 'A B'\">t</text></svg>"),
    ("SVG", "<svg><style>@media (prefers-color-scheme: dark) { text { fill: red } }</style></svg>"),
    ("SVG", "<svg><use xlink:href='#a'/></svg>"),
    ("SVG", '<svg><image href="data:image/png;base64,iVBORw0KGgo="/></svg>'),
    ("HTML", "a<br/>b<hr /><img src='data:image/png;base64,iVBORw0KGgo='/><col span='2'/>"),
    ("HTML", '<table border="1" class="dataframe"><tr><td align="right">1</td></tr></table>'),
    ("SVG", "<svg><path id='a'/>" + "<use href='#a'/>" * 5000 + "</svg>"),
    ("SVG", "<svg><marker id='m'><path/></marker><path d='M0 0 L9 9' marker-end='url(#m)'/></svg>"),
    ("MathML", '<math display="block"><mrow><mi mathvariant="normal">x</mi></mrow></math>'),
]
DOUBLING = "".join(
    f"<g id='g{n + 1}'><use href='#g{n}'/><use href='#g{n}'/></g>" for n in range(30)
)
BAD = [
    ("HTML", "<div/>a", "<div> that XML and HTML read differently; write <div></div>"),
    ("HTML", "<p>a <b class='x' />b</p>", "<b> that XML and HTML read differently"),
    ("HTML", "<details><b/></details>", "<b> that XML and HTML read differently"),
    ("HTML", "<br></br>", "<br> that XML and HTML read differently; write <br/>"),
    ("HTML", "<hr>a</hr>", "<hr> that XML and HTML read differently"),
    ("HTML", "<b>" * 300 + "</b>" * 300, "more than 200 elements within each other"),
    ("HTML", "<b>" * 99999, "more than 200 elements within each other"),
    ("HTML", f"<b title='{'x' * 99999}'>a</b>", "no <b> with title='x"),
    ("HTML", "<!DOCTYPE a [<!ENTITY b 'c'>]><p>&b;</p>", "elements and text only"),
    ("HTML", "<p>&b;</p>", "not well-formed XML"),
    ("HTML", "<img src='https://h/x.png'/>", "no <img> with src="),
    ("HTML", "<p src='data:image/png;base64,AA'>a</p>", "no <p> with src="),
    ("HTML", "<input type='text'/>", "no <input> in HTML"),
    ("SVG", f"<svg><path id='g0'/>{DOUBLING}<use href='#g30'/></svg>", "refer to each other"),
    (
        "SVG",
        "<svg><g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g></svg>",
        "refer to each other",
    ),
    ("SVG", "<svg><g id='a'><use xlink:href='#a'/></g></svg>", "refer to each other"),
    (
        "SVG",
        "<svg><g id='a'>" + "<path/>" * 1000 + "</g>" + "<use href='#a'/>" * 1000 + "</svg>",
        "refer to each other",
    ),
    *(
        (
            "SVG",
            f"<svg><{name} id='a'><path {use}='url(#a)'/></{name}></svg>",
            "refer to each other",
        )
        for name, use in (
            ("pattern", "fill"),
            ("mask", "mask"),
            ("clipPath", "clip-path"),
            ("marker", "marker-mid"),
        )
    ),
    (
        "SVG",
        "<svg><pattern id='a'><path style='fill: url(#a)'/></pattern><g fill='url(#a)'/></svg>",
        "refer to each other",
    ),
    (
        "SVG",
        "<svg><marker id='m'>" + "<path/>" * 99 + f"</marker><path marker-mid='url(#m)' "
        f"d='M0 0{'L1 1' * 9999}'/></svg>",
        "refer to each other",
    ),
    ("SVG", "<svg><marker id='m'/><g marker-mid='url(#m)'/></svg>", "markers on a <g>"),
    ("SVG", "<svg><g style='marker: url(#m)'/></svg>", "markers on a <g>"),
    ("SVG", "<svg><style>* { fill: url(#a) }</style></svg>", "a <style> that loads"),
    ("MathML", "<math>" + "<mrow>" * 300 + "</mrow>" * 300 + "</math>", "more than 200 elements"),
    ("HTML", "<script>x</script>", "no <script> in HTML"),
    ("HTML", "<SCRIPT>x</SCRIPT>", "no <SCRIPT>"),
    ("HTML", "<p onclick='x'>x</p>", "no <p> with onclick='x'"),
    ("HTML", "<a href='java\nscript:x'>x</a>", "no <a> with href="),
    ("HTML", "<a href='&#106;avascript:x'>x</a>", "no <a> with href="),
    ("HTML", "<a href='data:text/html,x'>x</a>", "no <a> with href="),
    ("HTML", "<td background='//h/x'>x</td>", "no <td> with background="),
    ("HTML", "<p style='background: url(//h/x)'>x</p>", "no <p> with style="),
    ("HTML", r"<p style='background: \75rl(//h/x)'>x</p>", "no <p> with style="),
    ("HTML", "<p style='background: image-set(\"//h/x\" 1x)'>x</p>", "no <p> with style="),
    ("HTML", "<p>x", "not well-formed"),
    ("HTML", "</all><script>x</script><all>", "not well-formed|no <script>"),
    ("HTML", "<!--> <script>x</script> -->", "elements and text only"),
    ("HTML", "<!-- --!> <script>x</script> -->", "elements and text only"),
    ("HTML", "<![CDATA[<script>x</script>]]>", "elements and text only"),
    ("HTML", "<?x <script>x</script>?>", "elements and text only"),
    ("HTML", "<svg><script>x</script></svg>", "no <svg> in HTML"),
    ("SVG", "<svg><script>x</script></svg>", "no <script> in SVG"),
    ("SVG", "<svg><a:script xmlns:a='http://www.w3.org/2000/svg'>x</a:script></svg>", "<script>"),
    ("SVG", "<svg><script xmlns='http://purl.org/dc/elements/1.1/'>x</script></svg>", "<script>"),
    ("SVG", "<svg onload='x'/>", "no <svg> with onload="),
    ("SVG", "<svg><foreignObject/></svg>", "no <foreignObject>"),
    ("SVG", "<svg><set attributeName='href'/></svg>", "no <set>"),
    ("SVG", "<svg><use href='//h/x.svg#a'/></svg>", "no <use> with href="),
    ("SVG", "<svg><image href='//h/x.png'/></svg>", "no <image> with href="),
    ("SVG", "<svg><image href='data:image/svg+xml;base64,AA'/></svg>", "no <image> with href="),
    ("SVG", "<svg><path fill='url(//h/x)'/></svg>", "no <path> with fill="),
    ("SVG", "<svg><style>@import '//h/x'</style></svg>", "a <style> that loads"),
    ("SVG", "<svg><style>@media-x url(//h/x)</style></svg>", "a <style> that loads"),
    ("SVG", "<svg><style>@media a{g{fill:url(//h/x)}}</style></svg>", "a <style> that loads"),
    ("SVG", "<svg><style><g/></style></svg>", "a <style> that loads"),
    ("MathML", "<math><annotation-xml/></math>", "no <annotation-xml>"),
    ("MathML", "<math><mi href='javascript:x'>x</mi></math>", "no <mi> with href="),
]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_tables_drawings_and_formulas_stay_as_they_are(kind, text):
    assert check_markup(text, kind) == text


@pytest.mark.parametrize(("kind", "text", "reason"), BAD)
def test_what_acts_or_fetches_is_refused(kind, text, reason):
    with pytest.raises(BuildError, match=reason) as refusal:
        check_markup(text, kind)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://arxiv.org/abs/1502.03167", True),
        ("01-a.html#b", True),
        ("#c:d", True),
        ("a/b:c", True),
        ("mailto:a@b.org", True),
        ("javascript:x", False),
        (" javascript:x", False),
        ("data:x", False),
        ("java\tscript:x", False),
        ("file:///x", False),
        ("httpsx:y", False),
    ],
)
def test_links(address, link):
    assert is_link(address) == link


def test_pictures():
    assert is_picture("data:image/png;base64,iVBORw0KGgo=")
    assert not is_picture("data:image/svg+xml;base64,iVBORw0KGgo=")
    assert not is_picture("https://example.org/a.png")


def test_signs_that_no_page_can_hold_are_seen():
    assert for_page("a\0b\x1b[1mc\ud800\td\n") == "a\ufffdb\ufffd[1mc\ufffd\td\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[x](javascript:y)", "<p>x (javascript:y)</p>"),
        ("[x](&#106;avascript:y)", "<p>x (javascript:y)</p>"),
        ("<javascript:y>", "<p>javascript:y (javascript:y)</p>"),
        ("[x](a.html?b&c)", '<p><a href="a.html?b&amp;c">x</a></p>'),
        ("![a < b](https://h/x.png)", "<p>a &lt; b (https://h/x.png)</p>"),
        ("![a](attachment:x.png)", "<p>a (attachment:x.png)</p>"),
        ("```mermaid\n<b>\n```", "&lt;b&gt;"),
        (r"$\text{a < b & c}$", "<mtext>a\xa0&lt;\xa0b\xa0&amp;\xa0c</mtext>"),
        (r"$\text{<script>x</script>}$", "<mtext>&lt;script&gt;x&lt;/script&gt;</mtext>"),
    ],
)
def test_markdown_has_no_way_around(source, expected):
    assert expected in markdown(source)


def test_a_formula_that_links_is_one_line():
    with pytest.raises(BuildError, match=r"^formula '[^\n]+: a page shows no <mrow> with href="):
        markdown(r"$\href{javascript:x}{y}$")
