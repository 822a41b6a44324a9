"""What our HTML pages share: the look, for light and dark screens and for paper."""

from __future__ import annotations

from importlib.resources import files


def style() -> str:
    """Return the style sheet, to stand inside the page: our pages ask the network for nothing."""
    return (files("fraudsim.pages") / "page.css").read_text(encoding="utf-8")
