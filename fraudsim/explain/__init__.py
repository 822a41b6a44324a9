"""What a campaign did: a story in words and a timeline, every figure with the rows it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from fraudsim.dataset import Dataset
    from fraudsim.explain.told import Told

__all__ = ["explain_campaign", "list_campaigns"]


def explain_campaign(data: Dataset | str | Path, campaign: int) -> Told:
    """Return the story and the timeline of one campaign of a dataset.

    Raises:
        UsageError: ``data`` is no whole dataset, or has no such campaign; says the nearest.
    """
    from fraudsim.explain.evidence import gather
    from fraudsim.explain.story import story
    from fraudsim.explain.timeline import timeline
    from fraudsim.explain.told import Told
    from fraudsim.report.run import open_run

    run = open_run(_opened(data))
    evidence = gather(run, campaign)
    if evidence is None:
        known = [str(one) for one in run.data.campaigns.collect()["campaign_id"].to_list()]
        close = nearest(str(campaign), known)
        hint = close if "did you mean" in close else f"; fraudsim explain {run.data.path} has all"
        raise UsageError(f"{run.data.path} has no campaign {campaign}{hint}")
    return Told(
        campaign, evidence.campaign["attack"], run.currency, story(evidence), timeline(evidence)
    )


def list_campaigns(
    data: Dataset | str | Path, *, attack: str | None = None
) -> list[dict[str, Any]]:
    """Return the campaigns of a dataset, those that took the most first, as plain values.

    Args:
        data: the dataset or its folder.
        attack: only those of this pattern.

    Raises:
        UsageError: ``data`` is no whole dataset, or has no campaign of that pattern.
    """
    import polars as pl

    campaigns = _opened(data).campaigns.collect()
    if attack is not None:
        known = campaigns["attack"].unique().to_list()
        if attack not in known:
            raise UsageError(f"no campaign of '{attack}' in the data{nearest(attack, known)}")
        campaigns = campaigns.filter(pl.col("attack") == attack)
    order = ["taken_minor", "attempts", "campaign_id"]
    return (
        campaigns.sort(order, descending=[True, True, False])
        .select(
            *("campaign_id", "attack", "started_at", "ended_at", "end", "gave_up"),
            *("victims", "attempts", "approved", "taken_minor", "received_minor"),
            *("spent_minor", "earned_minor"),
        )
        .to_dicts()
    )


def _opened(data: Dataset | str | Path) -> Dataset:
    from fraudsim.dataset import Dataset, open_dataset

    return data if isinstance(data, Dataset) else open_dataset(data)
