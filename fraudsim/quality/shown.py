"""How findings are written: the text table of the command line, and the pieces of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.quality.check import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fraudsim.quality.audit import Audit
    from fraudsim.quality.check import Band, Finding, Verdict

VERDICTS: Mapping[Verdict, str] = {
    "fail": "FAIL",
    "warn": "warn",
    "pass": "pass",
    "info": "info",
    "not_made": "not made",
}
"""How each verdict is written, the worst first."""

TITLES: Mapping[str, str] = {
    "shortcuts": "Shortcuts",
    "difficulty": "Difficulty",
    "honest_life": "Honest life",
    "fraud_life": "Fraud life",
    "invariants": "Invariants",
}


def by_group(audit: Audit) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the groups that have findings, in their order."""
    for group in GROUPS:
        findings = [finding for finding in audit.findings if finding.id.startswith(f"{group}.")]
        if findings:
            yield group, findings


def number(value: float | None) -> str:
    """Return a value in a few digits.

    >>> number(0.123456), number(12345.6), number(2.0), number(None)
    ('0.1235', '12,346', '2', '')
    """
    if value is None:
        return ""
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def ends(band: Band | None) -> str:
    """Return where a band lies.

    >>> from fraudsim.quality.check import Band
    >>> ends(Band(0.6, 1.3, "source")), ends(Band(None, 0.75, "source")), ends(None)
    ('0.6 to 1.3', 'at most 0.75', '')
    """
    if band is None:
        return ""
    low, high = number(band.low), number(band.high)
    if band.low is not None and band.high is not None:
        return low if band.low == band.high else f"{low} to {high}"
    return f"at least {low}" if band.low is not None else f"at most {high}"


def says(finding: Finding) -> str:
    """Return the sentence, with the 95 % interval where the value has one."""
    if finding.interval is None:
        return finding.sentence
    low, high = finding.interval
    return f"{finding.sentence} (95 % interval {number(low)} to {number(high)})"


def summary(audit: Audit) -> str:
    """Return how many findings there are of each verdict."""
    counts = audit.counts
    return (
        f"{counts['fail']} failed, {counts['warn']} warned, {counts['pass']} passed, "
        f"{counts['info']} without a band, {counts['not_made']} not made"
    )


def text_lines(audit: Audit) -> Iterator[str]:
    """Yield the lines of the text table: verdict, value, band and sentence, by group."""
    yield f"{audit.subject}: bands for {audit.profile}, version {audit.bands_version}"
    values = [number(finding.value) for finding in audit.findings]
    bands = [ends(finding.band) for finding in audit.findings]
    wide = max(map(len, values), default=0), max(map(len, bands), default=0)
    for group, findings in by_group(audit):
        yield ""
        yield TITLES[group]
        for finding in findings:
            value, band = number(finding.value).rjust(wide[0]), ends(finding.band).ljust(wide[1])
            text = f"{finding.id.partition('.')[2]}: {_one_line(says(finding))}"
            yield f"  {VERDICTS[finding.verdict]:8}  {value}  {band}  {text}"
    yield ""
    yield from (f"note: {_one_line(note)}" for note in audit.notes)
    yield summary(audit)


def _one_line(text: str) -> str:
    """Return a text without what could break a line or a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
