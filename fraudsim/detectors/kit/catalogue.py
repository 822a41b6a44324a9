"""What detectors there are, as they say themselves: the table in ``docs/detectors.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.registry import DETECTORS, discover

if TYPE_CHECKING:
    from pathlib import Path

    from fraudsim.detectors.base import Detector

BEGIN = "<!-- Written by `make docs` from the detectors themselves. -->\n"
END = "<!-- End of what is written. -->\n"
HEAD = """| detector | what it is | learns from labels | probabilities | sees | needs |
| --- | --- | --- | --- | --- | --- |
"""


def catalogue() -> list[dict[str, Any]]:
    """Return every detector as JSON values, by name."""
    return [
        {
            "name": name,
            "summary": cls.summary,
            "floor": cls.floor,
            "ceiling": cls.ceiling,
            "learns": cls.learns,
            "probabilities": cls.probabilities,
            "wants_keys": cls.wants_keys,
            "in_order": cls.in_order,
            "listens": cls.listens,
            "extra": cls.extra,
        }
        for name, cls in discover(DETECTORS).items()
    ]


def catalogue_table() -> str:
    """Return the table of the detectors that come along, as Markdown."""
    found: dict[str, type[Detector]] = discover(DETECTORS)
    ours = [cls for cls in found.values() if cls.__module__.startswith("fraudsim.")]
    return HEAD + "".join(_row(cls) for cls in ours)


def renew(page: Path) -> None:
    """Write the table into a page, between its two marks."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}{catalogue_table()}{END}{after}", encoding="utf-8")


def _row(cls: type[Detector]) -> str:
    learns = "yes, also later" if cls.listens else "yes" if cls.learns else ""
    extra = f"`fraudsim[{cls.extra}]`" if cls.extra else ""
    sees = _sees(cls)
    probabilities = "yes" if cls.probabilities else ""
    cells = (f"`{cls.name}`", cls.summary, learns, probabilities, sees, extra)
    return f"| {' | '.join(cells)} |\n"


def _sees(cls: type[Detector]) -> str:
    if cls.in_order:
        return "the payments before"
    return "who takes part" if cls.wants_keys and not cls.listens else ""
