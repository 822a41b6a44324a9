"""A pattern as a page for readers: its story, where it stands, and its numbers with sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fraudsim.attack_descriptions import describe_attack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.attacks.kit.pattern import AttackPattern

SCHEMES = {
    "f3": "MITRE F3",
    "visa": "Visa TC40",
    "mastercard": "Mastercard SAFE",
    "eba": "EBA",
    "fraud_classifier": "FraudClassifier",
    "uk_finance": "UK Finance",
}


def page_of(pattern: type[AttackPattern]) -> str:
    """Return the page of one pattern as Markdown."""
    lines = [f"# {pattern.name}", "", *section_of(pattern)]
    lines += ["", f"Written by `fraudsim attacks show {pattern.name} --markdown`."]
    return "\n".join(lines) + "\n"


def section_of(pattern: type[AttackPattern]) -> Iterator[str]:
    """Yield the lines of a section, without its heading."""
    about = describe_attack(pattern)
    yield f"*{about['summary']}*"
    yield ""
    yield about["story"]
    yield ""
    yield f"**Hides among:** {about['look_alike']}. **Steps:** {', '.join(about['stages'])}."
    yield ""
    for scheme, code in about["taxonomy"].items():
        shown = code if isinstance(code, str) else ", ".join(code)
        yield f"- {SCHEMES[scheme]}: {shown}"
    yield ""
    yield "Sources:"
    yield ""
    yield from (f"- {source}" for source in about["sources"])
    if about["parameters"]:
        yield ""
        yield "| parameter | default | meaning | source |"
        yield "| --- | --: | --- | --- |"
        yield from (_row(parameter) for parameter in about["parameters"])
    if pattern.expectations:
        yield ""
        yield "What its campaigns are held to (medians, when the bank approves all):"
        yield ""
        for one in pattern.expectations:
            yield f"- {one.measure}: {one.low:g} to {one.high:g}; {one.because}"


def _row(parameter: dict[str, Any]) -> str:
    cells = (
        f"`{parameter['name']}`",
        json.dumps(parameter["default"]),
        parameter["meaning"],
        parameter["source"],
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
