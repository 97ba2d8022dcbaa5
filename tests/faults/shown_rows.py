"""Faults of what a page shows: Markdown, pictures, drawings, leaks."""

import nbformat
from faults.fault import Fault, cells
from faults.project import FIRST, write_notebook
from nbformat import v4
from report.conftest import PUBLISH, RESULTS

BOMB = (
    "parts = [f\"<g id='g{n + 1}'>\" + f\"<use href='#g{n}'/>\" * 2 + '</g>' for n in range(40)]\n"
    "svg = f\"<svg><path id='g0'/>{''.join(parts)}<use href='#g40'/></svg>\"\n"
    "about = {'image/svg+xml': {'alt': 'a', 'name': 'a'}}\n"
    "display({'image/svg+xml': svg}, metadata=about, raw=True)"
)


def html(text):
    return f"display({{'text/html': {text!r}, 'text/plain': ''}}, raw=True)"


def written(source, tags=(), attachments=None):
    """The first notebook has a cell of Markdown, and its last cell prints something."""

    def prepare(place):
        write_notebook(place.first, "print('it took 0:00:12')", PUBLISH)
        notebook = nbformat.read(place.first, 4)
        cell = v4.new_markdown_cell(source, id="prose")
        if attachments:
            cell["attachments"] = attachments
        notebook.cells.insert(2, cell)
        notebook.cells[3].metadata["tags"] = list(tags)
        nbformat.write(notebook, place.first)

    return prepare


def spoilt(name, words, source):
    """Markdown that a page would show otherwise than JupyterLab is refused before the run."""
    return Fault(name, 2, f"{FIRST}: cell 3: {words}", prepare=written(source))


def right(name, source, **more):
    """Markdown that comes out as in JupyterLab; the cell after it may show what it wants."""
    return Fault(name, keeps=False, prepare=written(source, tags=["allow-leaks"], **more))


def login(name):
    def prepare(place):
        write_notebook(place.first, f"print('{name} normalization of {name}')", PUBLISH)
        place.environment |= {"LOGNAME": name, "USER": name}

    return prepare


ROWS = [
    spoilt("a script in Markdown", "a page shows no <script> in HTML", "<script>alert(1)</script>"),
    spoilt("Markdown that compares", "HTML in which </p> comes before </b>", "a<b and c>d"),
    spoilt(
        "a picture of another host",
        "the picture 'https://h.org/a.png' is not in the project",
        "![a](https://h.org/a.png)",
    ),
    spoilt(
        "a picture outside the project",
        "the picture '../../a.png' is outside the project",
        "![a](../../a.png)",
    ),
    spoilt(
        "a pasted picture that is lost",
        "the cell has no attachment 'image.png'",
        "![a](attachment:image.png)",
    ),
    spoilt("a footnote", "a page cannot link to 'note'", "a[^1]\n\n[^1]: note"),
    spoilt(
        "prices that read as a formula",
        r"JupyterLab takes '$5 or $' for a formula",
        r"costs \$5 or \$6",
    ),
    spoilt(
        "a reference to a formula", r"formula '\\eqref{x}': \eqref is not supported", r"$\eqref{x}$"
    ),
    spoilt(
        "an unknown environment",
        r"formula '\\begin{theorem}x\\end{theorem}': ",
        r"\begin{theorem}x\end{theorem}",
    ),
    spoilt(
        "macros without end",
        r"formula '\\def\\x{\\x\\x}\\x': its macros lead to more",
        r"$\def\x{\x\x}\x$",
    ),
    spoilt(
        "quotes in quotes in quotes",
        "lists or quotes within each other, too deep",
        ">" * 3000 + " a",
    ),
    right(
        "formulas in environments",
        "$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$\n\n"
        "\\begin{align}\na &= b \\tag{1} \\\\\nc &= \\arg\\max_x d\n\\end{align}",
    ),
    right(
        "a pasted picture",
        "![a](attachment:a.png)",
        attachments={
            "a.png": {
                "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDw"
                "ADhgGAWjR9awAAAABJRU5ErkJggg=="
            }
        },
    ),
    right(
        "comments, entities, inline HTML, and a table",
        "one<br>two &mdash; <!-- x --> <b>c</b>\n\n| a | b |\n|---|---|\n| $|x|$ |\n",
    ),
    Fault(
        "what only looks like a leak",
        keeps=False,
        cells=(
            "print('columns x[0:10]; train:val = 9:10; Ba, 2015-02-11; ~/x; numpy 2.4.6')",
            PUBLISH,
        ),
    ),
    *(
        Fault(f"a person whose login is {name}", keeps=False, prepare=login(name))
        for name in ("data", "norm", "test")
    ),
    cells(
        "a login at a host",
        "01-first: cell 3 shows the user's name, 'ada_l@'",
        "print('ada_l@hopper')",
        PUBLISH,
        prepare=lambda place: place.environment.update(LOGNAME="ada_l"),
    ),
    cells(
        "a time that no tag allows",
        "take it out, or tag the cell 'allow-leaks' if it is not",
        "print('it took 0:00:12')",
        PUBLISH,
    ),
    cells(
        "a folder of this machine on the page",
        "01-first: cell 3 shows a folder of this machine",
        "import sys; print(sys.prefix)",
        PUBLISH,
    ),
    cells(
        "an output of a kind that no page shows",
        "01-first: cell 3: a page shows no text/latex",
        "from IPython.display import Math; display(Math('a'))",
        PUBLISH,
    ),
    cells(
        "a formula in an output",
        "01-first: cell 3: formula '\\\\nosuch'",
        "from IPython.display import Markdown; display(Markdown('$\\\\nosuch$'))",
        PUBLISH,
    ),
    cells(
        "a results figure that acts",
        "01-first: the figure of the results: a page shows no <script> in SVG",
        PUBLISH.replace(repr(RESULTS["figure"]["svg"]), repr("<svg><script>x</script></svg>")),
    ),
    cells(
        "a drawing that grows without end",
        "01-first: cell 3: a drawing whose parts refer to each other so often",
        BOMB,
        PUBLISH,
    ),
    cells(
        "a short element of HTML",
        "01-first: cell 3: <div> that XML and HTML read differently",
        html("<div/>a"),
        PUBLISH,
    ),
    cells(
        "elements in elements in elements",
        "01-first: cell 3: HTML with more than 200 elements",
        html("<b>" * 999 + "</b>" * 999),
        PUBLISH,
    ),
    cells(
        "an attribute without end",
        "01-first: cell 3: a page shows no <b> with title=",
        html(f"<b title='{'x' * 99_999}'>a</b>"),
        PUBLISH,
    ),
]
