"""The values of audits beside the real figures that their bands were made of, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.quality.audit import Audit
    from fraudsim.quality.check import Band, Finding

GROUPS_WITH_FIGURES = ("difficulty", "honest_life", "fraud_life")
"""The groups whose bands come from real data; the source of each band begins with the figure."""


def figures(audits: Sequence[Audit]) -> str:
    """Return a table: measure, value in each audit, band, real figure, and why the band is wider.

    What a source says before its first semicolon is the real figure, or that there is none; what
    it says after it is why the band is as wide as it is. A value outside its band is bold, one
    that was not measured is empty.

    Args:
        audits: of the same checks; each is a column, by name of its subject.
    """
    by_id: dict[str, dict[int, Finding]] = {}
    for column, audit in enumerate(audits):
        for finding in audit.findings:
            if finding.id.startswith(GROUPS_WITH_FIGURES):
                by_id.setdefault(finding.id, {})[column] = finding
    head = ("measure", *(audit.subject for audit in audits), "band", "real figure", "band because")
    rows = [_row(id_, found, len(audits)) for id_, found in by_id.items()]
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines) + "\n"


def _row(id_: str, found: dict[int, Finding], columns: int) -> tuple[str, ...]:
    values = (_value(found.get(column)) for column in range(columns))
    band = next((finding.band for finding in found.values() if finding.band), None)
    real, _, reason = (band.source if band else "").partition("; ")
    return (f"`{id_}`", *values, _ends(band), real, reason)


def _value(finding: Finding | None) -> str:
    if finding is None or finding.value is None:
        return ""
    text = f"{finding.value:.3g}" if abs(finding.value) < 1000 else f"{finding.value:,.0f}"
    return f"**{text}**" if finding.verdict == "fail" else text


def _ends(band: Band | None) -> str:
    if band is None:
        return ""
    if band.low is None:
        return f"up to {band.high:g}"
    return f"{band.low:g} to {band.high:g}" if band.high is not None else f"from {band.low:g}"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
