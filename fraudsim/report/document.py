"""What our drawn pages are made of: the frame, its parts, figures and tables, all escaped here.

A page is a head, sections of figures, and scripts that draw the figures from the rows in it. It
stands alone: styles, scripts and data are inside, and a policy forbids the browser to fetch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from fraudsim.report.chart import Chart, Kind, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VENDORED = ("vendor_d3.min.js", "vendor_plot.umd.min.js")
SHARED_SCRIPTS = (*VENDORED, "drawing.js")
"""What every page draws with, in the order in which they must run."""

LICENCES = ("vendor_d3_licence.txt", "vendor_plot_licence.txt")

# A string literal of JSON can hold nothing that ends a script element or a line of script.
_JSON_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Section:
    """A part of a page: its title, and its HTML."""

    title: str
    html: str


def document(
    *,
    brand: str,
    title: str,
    style: str,
    head: str,
    sections: Sequence[Section],
    charts: Iterable[Chart],
    script: str,
    footer: str,
) -> str:
    """Return a page.

    Args:
        brand: what kind of page it is, text.
        title: what it is about, text.
        style: the style sheet.
        head: HTML that stands before the contents.
        sections: in order; those without HTML are left out.
        charts: all charts that the sections show.
        script: calls ``drawing.start`` with a function for each of the charts.
        footer: how to read it all, text.
    """
    shown = [section for section in sections if section.html]
    scripts = [*(asset("fraudsim.report", name) for name in SHARED_SCRIPTS), script]
    return Template(asset("fraudsim.report", "template.html")).substitute(
        brand=escape(brand),
        title=escape(title),
        style=style,
        head=head,
        contents="".join(
            f'<a href="#{anchor(section.title)}">{escape(section.title)}</a>' for section in shown
        ),
        sections="\n".join(_section(section) for section in shown),
        footer=escape(footer),
        data=script_json({chart.name: chart.as_data() for chart in charts if chart.rows}),
        scripts="\n".join(f"<script>{text}</script>" for text in scripts),
        licences=escape("\n\n".join(asset("fraudsim.report", name).strip() for name in LICENCES)),
    )


def asset(package: str, name: str) -> str:
    """Return the text of a file of a package."""
    return (files(package) / name).read_text(encoding="utf-8")


def script_json(value: Any) -> str:
    r"""Return ``value`` as JSON that may stand inside a script element.

    >>> script_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_JSON_ESCAPES)


def _section(section: Section) -> str:
    return (
        f'<section id="{anchor(section.title)}"><h2>{escape(section.title)}</h2>'
        f"{section.html}</section>"
    )


def anchor(title: str) -> str:
    """Return what a link to the section of that title goes to.

    >>> anchor("How much, and how")
    'how-much--and-how'
    """
    return "".join(char if char.isalnum() else "-" for char in title.lower())


def facts(entries: Iterable[tuple[str, str, str]]) -> str:
    """Return the facts in the head of a page: each a label, a value and a note, text."""
    each = "".join(
        f'<div class="fact"><dt>{escape(label)}</dt><dd>{escape(value)}'
        f"<small>{escape(note)}</small></dd></div>"
        for label, value, note in entries
    )
    return f'<dl class="facts">{each}</dl>'


def figure(chart: Chart) -> str:
    """Return a chart with its title and how to read it, and its rows for who runs no scripts."""
    heading = f"<h3>{escape(chart.title)}</h3>"
    if not chart.rows:
        return f'<figure>{heading}<p class="absent">{escape(chart.absent)}</p></figure>'
    return (
        f"<figure>{heading}"
        f'<p class="reading">{escape(chart.reading)}</p>'
        f'<div class="chart" data-chart="{escape(chart.name)}"></div>'
        f"<figcaption>{escape(chart.unit)}</figcaption>"
        f"<noscript>{_chart_table(chart)}</noscript></figure>"
    )


def _chart_table(chart: Chart) -> str:
    labels = [column.label for column in chart.columns]
    return table(labels, [column.kind for column in chart.columns], chart.rows)


def table(labels: Sequence[str], kinds: Sequence[Kind], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; the end tags of cells and rows are optional in HTML and left out for size."""
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(written(value, kind))}" for value, kind in zip(row, kinds, strict=True)
        )
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
