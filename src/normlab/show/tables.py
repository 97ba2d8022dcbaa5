"""Numbers in rows and columns: as HTML, as text, as CSV."""

import csv
import html
import io
from dataclasses import dataclass

import numpy as np

from normlab.show.text import number
from normlab.stats.intervals import Interval


@dataclass(frozen=True)
class Table:
    """Numbers under named columns; ``rows`` hold str, int, float or an Interval."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple, ...]

    def column(self, number: int) -> list:
        """All values of one column, counted from zero."""
        return [row[number] for row in self.rows]

    def html(self) -> str:
        """The table as HTML with a caption and header cells; all text is escaped."""
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "\n".join(
            "<tr>"
            + f'<th scope="row">{cell(row[0])}</th>'
            + "".join(f"<td>{cell(value)}</td>" for value in row[1:])
            + "</tr>"
            for row in self.rows
        )
        return (
            f"<table>\n<caption>{html.escape(self.caption)}</caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        )

    def plain(self) -> str:
        """The table as text with tabs, for places that show no HTML."""
        lines = ["\t".join(self.columns)]
        lines += ["\t".join(html.unescape(cell(value)) for value in row) for row in self.rows]
        return "\n".join(lines)


def cell(value) -> str:
    """One table cell as escaped text: numbers have three significant digits."""
    if isinstance(value, Interval | float | np.floating):
        return number(value)
    return html.escape(str(value))


def csv_text(header, rows) -> str:
    """Rows of str and float under a header as CSV; floats have six significant digits."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([f"{value:.6g}" if isinstance(value, float) else value for value in row])
    return buffer.getvalue()
