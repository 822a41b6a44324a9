"""An audit as one HTML page that stands alone. Everything that comes from data is escaped here."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from fraudsim.pages import style
from fraudsim.quality.shown import TITLES, VERDICTS, by_group, ends, number, says, summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fraudsim.quality.audit import Audit
    from fraudsim.quality.check import Finding, Verdict

MOST_DETAIL = 4000
"""Characters of the detail of a finding on the page; all of it is in the JSON."""

WORDS: Mapping[Verdict, str] = {
    "fail": "Failed",
    "warn": "Warned",
    "pass": "Passed",
    "info": "Without a band",
    "not_made": "Not made",
}

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(audit: Audit) -> str:
    """Return the page; it has no script and asks for nothing."""
    return document(
        brand="fraudsim audit",
        title=audit.subject,
        head=_head(audit),
        groups=[(group, TITLES[group], findings) for group, findings in by_group(audit)],
        footer="A check measures; a band says where the value should lie, and where that is from. "
        "A check that could not be made proves nothing. Bands of chance come from permutations of "
        "the labels.",
    )


def document(
    *,
    brand: str,
    title: str,
    head: str,
    groups: Sequence[tuple[str, str, Sequence[Finding]]],
    footer: str,
) -> str:
    """Return a page of findings.

    Args:
        brand: what kind of page it is.
        title: what it is about.
        head: HTML that stands before the findings.
        groups: id, title and findings of each group.
        footer: how to read it.
    """
    contents = "".join(f'<a href="#{group}">{name}</a>' for group, name, _ in groups)
    sections = "\n".join(_section(*each) for each in groups)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(brand)}: {escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{style()}
</style>
</head>
<body>
<header>
<p class="brand">{escape(brand)}</p>
{head}
</header>
<nav aria-label="Contents">{contents}</nav>
<main>
{sections}
</main>
<footer>
<p>{escape(footer)}</p>
</footer>
</body>
</html>
"""


def facts(counts: Mapping[Verdict, int]) -> str:
    """Return how many findings there are of each verdict, as HTML."""
    each = "".join(
        f'<div class="fact"><dt>{word}</dt>'
        f'<dd class="verdict {verdict if counts[verdict] else "info"}">'
        f"{counts[verdict]}</dd></div>"
        for verdict, word in WORDS.items()
    )
    return f'<dl class="facts">{each}</dl>'


def _head(audit: Audit) -> str:
    source = "".join(
        f"<p>{escape(str(key))} <code>{escape(str(value))}</code></p>"
        for key, value in audit.source.items()
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in audit.notes)
    return (
        f"<h1>{escape(audit.subject)}</h1>"
        f'<p class="lead">{escape(summary(audit))}. Bands for {escape(audit.profile)}, version '
        f"{audit.bands_version}; seed {audit.seed}.</p>"
        f"{facts(audit.counts)}"
        f'<details class="origin"><summary>Origin and notes</summary>{source}{notes}</details>'
    )


def _section(group: str, title: str, findings: Sequence[Finding]) -> str:
    rows = "".join(_row(finding) for finding in findings)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Verdict", "Value", "Band", "Says"))
    return (
        f'<section id="{group}"><h2>{title}</h2><div class="wide">'
        f'<table class="findings"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></section>"
    )


def _row(finding: Finding) -> str:
    source = "" if finding.band is None else f"<p>Band: {escape(finding.band.source)}</p>"
    detail = _detail(finding.detail)
    more = (
        f"<details><summary>Source and detail</summary>{source}{detail}</details>"
        if source or detail
        else ""
    )
    return (
        f'<tr><td class="verdict {finding.verdict}">{VERDICTS[finding.verdict]}</td>'
        f'<td class="number">{escape(number(finding.value))}</td>'
        f'<td class="number">{escape(ends(finding.band))}</td>'
        f'<td class="says">{escape(says(finding))}'
        f'<span class="check">{escape(finding.id)}</span>{more}</td></tr>'
    )


def _detail(detail: Mapping[str, Any]) -> str:
    if not detail:
        return ""
    text = json.dumps(dict(detail), ensure_ascii=False, indent=1, default=str)
    cut = (
        text if len(text) <= MOST_DETAIL else text[:MOST_DETAIL] + " ... (the rest is in the JSON)"
    )
    return f"<pre>{escape(cut)}</pre>"
