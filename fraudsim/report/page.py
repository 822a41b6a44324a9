"""Put summary and charts of a run into the one page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fraudsim.pages import style
from fraudsim.report.document import Section, asset, document, facts, figure, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.report.chart import Chart
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

FOOTER = (
    "Simulated data: no customer, merchant or card in it is real. Unless said otherwise a payment "
    "is one out of an account: purchases, withdrawals, bills and transfers. Fraud means labelled "
    "as such in the truth of the simulation, which a bank does not see."
)


def page(summary: Summary, charts: Sequence[Chart]) -> str:
    """Return the page as HTML."""
    by_name = {chart.name: chart for chart in charts}
    return document(
        brand="fraudsim report",
        title=f"{summary.name}, seed {summary.seed}",
        style=style(),
        head=_head(summary),
        sections=[
            Section(title, "".join(figure(by_name[name]) for name in names if name in by_name))
            for title, names in SECTIONS.items()
        ],
        charts=charts,
        script=asset("fraudsim.report", "page.js"),
        footer=FOOTER,
    )


def _head(summary: Summary) -> str:
    tables = table(("Table", "Rows"), ("text", "count"), summary.tables)
    return (
        f"<h1>{escape(summary.name)}</h1>"
        f'<p class="lead">Simulated payments, {escape(summary.period)}. Seed {summary.seed}.</p>'
        f"{facts((fact.label, fact.value, fact.note) for fact in summary.facts)}"
        '<details class="origin"><summary>Origin, tables, and how to make it again</summary>'
        '<div class="columns"><div>'
        f"<p>Digest of the data <code>{escape(summary.digest)}</code></p>"
        f"<p>Digest of the scenario <code>{escape(summary.scenario_digest)}</code></p>"
        f"<p>Make it again: <code>{escape(summary.command)}</code></p>"
        "<p>Check it: <code>fraudsim verify DIR</code> runs the scenario in the manifest again and "
        "compares the digests.</p>"
        f"</div><div>{tables}</div></div></details>"
    )
