"""Put summary and charts into the one page. Everything that comes from data is escaped here."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from fraudsim.pages import style
from fraudsim.report.chart import Chart, Kind, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fraudsim.report.summary import Summary

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "When": ("daily", "hours"),
    "How much, and how": ("amounts", "channels"),
    "Attacks": ("attacks", "delay"),
    "Where": ("distance", "places"),
    "The issuer": ("responses",),
    "Detectors": ("metrics", "curves", "recalls"),
    "Campaigns": ("campaigns",),
}
"""The parts of the page in order, and their charts."""

SCRIPTS = ("vendor_d3.min.js", "vendor_plot.umd.min.js", "page.js")
LICENCES = ("vendor_d3_licence.txt", "vendor_plot_licence.txt")

# A string literal of JSON can hold nothing that ends a script element or a line of script.
_JSON_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def page(summary: Summary, charts: Sequence[Chart]) -> str:
    """Return the page as HTML."""
    by_name = {chart.name: chart for chart in charts}
    drawn = {chart.name: chart.as_data() for chart in charts if chart.rows}
    return Template(_asset("template.html")).substitute(
        title=escape(f"{summary.name}, seed {summary.seed}"),
        style=style(),
        head=_head(summary),
        contents=_contents(by_name),
        sections=_sections(by_name),
        data=script_json(drawn),
        scripts="\n".join(f"<script>{_asset(name)}</script>" for name in SCRIPTS),
        licences=escape("\n\n".join(_asset(name).strip() for name in LICENCES)),
    )


def script_json(value: Any) -> str:
    r"""Return ``value`` as JSON that may stand inside a script element.

    >>> script_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_JSON_ESCAPES)


def _asset(name: str) -> str:
    return (files("fraudsim.report") / name).read_text(encoding="utf-8")


def _head(summary: Summary) -> str:
    facts = "".join(
        f'<div class="fact"><dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}'
        f"<small>{escape(fact.note)}</small></dd></div>"
        for fact in summary.facts
    )
    tables = _table(("Table", "Rows"), ("text", "count"), summary.tables)
    return (
        f"<h1>{escape(summary.name)}</h1>"
        f'<p class="lead">Simulated payments, {escape(summary.period)}. Seed {summary.seed}.</p>'
        f'<dl class="facts">{facts}</dl>'
        '<details class="origin"><summary>Origin, tables, and how to make it again</summary>'
        '<div class="columns"><div>'
        f"<p>Digest of the data <code>{escape(summary.digest)}</code></p>"
        f"<p>Digest of the scenario <code>{escape(summary.scenario_digest)}</code></p>"
        f"<p>Make it again: <code>{escape(summary.command)}</code></p>"
        "<p>Check it: <code>fraudsim verify DIR</code> runs the scenario in the manifest again and "
        "compares the digests.</p>"
        f"</div><div>{tables}</div></div></details>"
    )


def _contents(charts: Mapping[str, Chart]) -> str:
    return "".join(
        f'<a href="#{_anchor(section)}">{escape(section)}</a>'
        for section, names in SECTIONS.items()
        if any(name in charts for name in names)
    )


def _sections(charts: Mapping[str, Chart]) -> str:
    parts = []
    for section, names in SECTIONS.items():
        figures = "".join(_figure(charts[name]) for name in names if name in charts)
        if figures:
            parts.append(
                f'<section id="{_anchor(section)}"><h2>{escape(section)}</h2>{figures}</section>'
            )
    return "\n".join(parts)


def _anchor(section: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in section.lower())


def _figure(chart: Chart) -> str:
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
    return _table(labels, [column.kind for column in chart.columns], chart.rows)


def _table(labels: Sequence[str], kinds: Sequence[Kind], rows: Iterable[Sequence[Any]]) -> str:
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
