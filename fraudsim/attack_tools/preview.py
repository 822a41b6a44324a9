"""See a pattern at work: a small world with a few campaigns of it, and the largest told."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.attack_tools.find import find
from fraudsim.errors import UsageError
from fraudsim.explain import explain_campaign, list_campaigns
from fraudsim.scenario import Scenario
from fraudsim.sinks.whole_file import check_target, written_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.attacks.kit.pattern import AttackPattern
    from fraudsim.dataset import Dataset
    from fraudsim.explain.told import Told
    from fraudsim.progress import Progress

CUSTOMERS, DAYS = 600, 90
CAMPAIGNS, LAST_DAY = 6, 20
"""Early starts: some patterns listen and wait for weeks."""


@dataclass(frozen=True)
class Preview:
    """A pattern at work.

    Attributes:
        about: the world, and what became of the campaigns, by what it is called.
        campaign: the one that made the most payments; None if none made any.
        path: the page written, if one was asked for.
    """

    about: dict[str, Any]
    campaign: Told | None
    path: Path | None

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        campaign = None if self.campaign is None else self.campaign.as_dict()
        return {"about": self.about, "campaign": campaign, "path": self.path}


def preview(
    what: str,
    *,
    seed: int = 1,
    attacks: Sequence[str | Path] = (),
    out: Path | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Simulate a small world with campaigns of one pattern, and tell the largest.

    Args:
        what: name of the pattern, or its file, which is run.
        seed: of the world.
        attacks: files or folders with patterns, for names.
        out: HTML page to write as well: the campaigns beside the honest payments of the world.
        progress: where to show how far it is.

    Raises:
        UsageError: there is no such pattern, or the file holds several.
    """
    from fraudsim.engine import simulate

    if out is not None:
        check_target(out)
    pattern = _one(what, attacks)
    with tempfile.TemporaryDirectory() as folder:
        world = simulate(
            _scenario(pattern.name),
            seed,
            Path(folder) / "world",
            extra_patterns=[pattern],
            progress=progress,
        )
        campaigns = list_campaigns(world)
        largest = max(campaigns, key=lambda one: (one["attempts"], one["campaign_id"]))
        told = explain_campaign(world, largest["campaign_id"]) if largest["attempts"] else None
        if out is not None:
            _write_page(world, out, command=f"fraudsim attacks preview {what} --seed {seed}")
    return Preview(_about(pattern.name, seed, campaigns), told, out)


def _one(what: str, attacks: Sequence[str | Path]) -> type[AttackPattern]:
    found = find(what, attacks)
    if len(found) != 1:
        names = ", ".join(cls.name for cls in found)
        raise UsageError(f"{what} holds several patterns ({names}); name one, with --attacks")
    return found[0]


def _scenario(name: str) -> Scenario:
    return Scenario.model_validate(
        {
            "name": f"preview-{name}",
            "calendar": {"days": DAYS},
            "population": {"customers": CUSTOMERS, "cities": 4, "block_size": 200},
            "attacks": [{"pattern": name, "campaigns": CAMPAIGNS, "last_day": LAST_DAY}],
        }
    )


def _about(name: str, seed: int, campaigns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ends = [one["gave_up"] or one["end"].replace("_", " ") for one in campaigns]
    return {
        "pattern": name,
        "world": f"{CUSTOMERS} customers for {DAYS} days, seed {seed}",
        "campaigns": "; ".join(
            f"{one['attempts']} payments, {one['approved']} approved, {end}"
            for one, end in zip(campaigns, ends, strict=True)
        ),
    }


def _write_page(world: Dataset, out: Path, *, command: str) -> None:
    from fraudsim.report import campaigns, gather
    from fraudsim.report.page import page
    from fraudsim.report.run import open_run
    from fraudsim.report.summary import summary

    run = open_run(world)
    makers = (campaigns.campaigns, gather.amounts, gather.hours, gather.channels, gather.delay)
    head = replace(summary(run), command=command)
    text = page(head, [make(run) for make in makers])
    with written_whole(out) as aside:
        aside.write_text(text, encoding="utf-8")
