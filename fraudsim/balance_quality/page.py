"""A judgement as one HTML page that stands alone, in the form of the audit's."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fraudsim.quality.page import document, facts

if TYPE_CHECKING:
    from fraudsim.balance_quality.judgement import Judgement

TITLES = {
    "fidelity": "Are they like real frauds?",
    "sequences": "Do they go together in time?",
    "copies": "Are they copies of real frauds?",
    "membership": "Do they tell who was learnt from?",
}
"""The groups in the order in which they are shown."""


def page(judgement: Judgement) -> str:
    """Return the page; it has no script and asks for nothing."""
    sizes = judgement.rows
    return document(
        brand="fraudsim: quality of made frauds",
        title=judgement.subject,
        head=(
            f"<h1>{escape(judgement.subject)}</h1>"
            f'<p class="lead">{escape(judgement.verdict)} Seed {judgement.seed}; '
            f"{sizes['made']:,} made frauds, beside {sizes['train']:,} real ones that they were "
            f"made from and {sizes['held_out']:,} held out.</p>{facts(judgement.counts)}"
        ),
        groups=[
            (group, title, [one for one in judgement.findings if one.id.startswith(f"{group}.")])
            for group, title in TITLES.items()
        ],
        footer="A check measures; a band says where the value should lie, and where that is from. "
        "A check that could not be made proves nothing, and no attack that failed proves that "
        "none succeeds.",
    )
