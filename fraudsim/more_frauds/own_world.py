"""More frauds of a dataset's own world: its bank is lived again with further campaigns.

The scenario of the dataset runs once more with the same seed and more entries of the wanted
patterns, each with a series of its own: customers, merchants and the campaigns that were there are
the same, and further fraudsters act among them. Their attempts are authorised and looked back upon
like anybody's. Only what the further campaigns did before the cut is returned.

This knows the patterns and parameters of the dataset, as a bank would that had described its
attackers well; ``parameters`` is how to be wrong on purpose. How much it helps where the
description is wrong is measured in docs/rebalancing.md.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from fraudsim.engine import simulate
from fraudsim.errors import UsageError, nearest
from fraudsim.examples import IS_SCORED, examples_of_dataset
from fraudsim.rebalancers.kit.shares import in_proportion
from fraudsim.rebalancers.kit.simulated import first_of_each
from fraudsim.registry import ATTACKS, discover
from fraudsim.scenario import AttackEntry
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from fraudsim.dataset import Dataset
    from fraudsim.scenario import Scenario

MOST_RUNS = 8
"""How often the world is lived again, at the most, to come by the frauds that were asked for."""

MOST_FRAUD = 0.002
"""Further frauds of one run, at the most, as a share of its transactions: some four times the fraud
of the default worlds, so that few customers meet two fraudsters at a time. A choice."""

GUESSED_FRAUDS = 5.0
"""Frauds of a campaign of a pattern that the dataset does not have; the first run corrects it."""

MARGIN = 1.5
"""Campaigns are asked for so many times over: what is not used costs little, a further run much."""

SERIES_BITS = 31
"""Bits of the numbers of further series: people who write scenarios count from 0."""


@dataclass(frozen=True)
class MoreFrauds:
    """Frauds that the dataset does not have.

    Attributes:
        features: their columns, as ``Examples.features`` has them.
        attack: name of the pattern of each.
        campaign: int64, the campaign of each; rows of one are in time order.
        runs: how often the world was lived again.
        missing: frauds that were asked for and did not come, by pattern.
    """

    features: pl.DataFrame
    attack: pl.Series
    campaign: NDArray[np.int64]
    runs: int
    missing: Mapping[str, int]


def more_frauds(
    dataset: Dataset,
    wanted: Mapping[str, int],
    *,
    before_us: int,
    seed: int,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    attacks: Sequence[str | Path] = (),
    workers: int | None = None,
) -> MoreFrauds:
    """Return as many further frauds of each pattern as are wanted, before a moment.

    Only payments that detectors judge (``examples.SCORED_TYPES``) count. Whole campaigns are taken,
    and the last of a pattern is cut short where enough are there.

    Args:
        dataset: the world that is lived again; it is not changed.
        wanted: frauds by pattern; a pattern may be one that the dataset does not have.
        before_us: microseconds since 1970; nothing from then on is returned.
        seed: which further campaigns; another seed gives others.
        parameters: of patterns, on top of those of the scenario.
        attacks: files or folders with patterns from outside; they are run as code.
        workers: processes of each run; the result does not depend on them.

    Raises:
        UsageError: a pattern is unknown or its parameters are wrong, or this version of fraudsim
            does not accept the scenario of the dataset.
        FraudsimError: the disk is full, or a worker died.
    """
    _check_known(wanted, attacks)
    bank = _Bank(dataset, dataset.scenario(), before_us, parameters or {}, attacks, workers)
    per_campaign = _frauds_per_campaign(dataset, before_us)
    left = {pattern: count for pattern, count in wanted.items() if count > 0}
    missing: dict[str, int] = {}
    found: list[pl.DataFrame] = []
    while left and len(found) < MOST_RUNS:
        campaigns = _campaigns(_at_once(left, dataset), per_campaign)
        came = bank.live(campaigns, series=_series(seed, len(found)))
        found.append(came[first_of_each(came["attack"], left)])
        for pattern, count in campaigns.items():
            frauds = came.filter(pl.col("attack") == pattern).height
            if frauds:
                per_campaign[pattern] = frauds / count
            else:
                missing[pattern] = left.pop(pattern)  # to ask again would be in vain
        left = dict(Counter(left) - Counter(found[-1]["attack"].to_list()))
    rows = pl.concat(found) if found else bank.nothing()
    return MoreFrauds(
        features=rows.drop("attack", "campaign_id"),
        attack=rows["attack"],
        campaign=rows["campaign_id"].to_numpy(),
        runs=len(found),
        missing=missing | left,
    )


@dataclass(frozen=True)
class _Bank:
    """The bank of a dataset, which can be lived again with further campaigns."""

    dataset: Dataset
    scenario: Scenario
    before_us: int
    parameters: Mapping[str, Mapping[str, Any]]
    attacks: Sequence[str | Path]
    workers: int | None

    def live(self, campaigns: Mapping[str, int], *, series: int) -> pl.DataFrame:
        """Return what further campaigns did before the cut: features, attack, campaign_id."""
        entries = [
            entry
            for pattern, count in campaigns.items()
            for entry in self._entries(pattern, count, series)
        ]
        scenario = self.scenario.model_copy(update={"attacks": (*self.scenario.attacks, *entries)})
        with TemporaryDirectory(prefix="fraudsim-more-frauds-") as folder:
            again = simulate(
                scenario,
                self.dataset.manifest.seed,
                Path(folder) / "again",
                attacks=self.attacks,
                workers=self.workers,
            )
            return self._further_frauds(again, campaigns)

    def nothing(self) -> pl.DataFrame:
        """Return no frauds, with the columns that frauds would have."""
        return self._further_frauds(self.dataset, ())

    def _entries(self, pattern: str, campaigns: int, series: int) -> Iterator[AttackEntry]:
        """Share campaigns among the entries that the scenario has of a pattern, by their weight."""
        calendar = self.scenario.calendar
        last_day = _day_of(self.scenario, self.before_us)
        theirs = [entry for entry in self.scenario.attacks if entry.pattern == pattern]
        theirs = [entry for entry in theirs if entry.first_day <= last_day]
        theirs = theirs or [AttackEntry.model_validate({"pattern": pattern, "campaigns": 1})]
        weights = [
            entry.mean_campaigns(self.scenario.population.customers, calendar.days)
            for entry in theirs
        ]
        counts = in_proportion(campaigns, weights if any(weights) else [1.0] * len(theirs))
        for place, (entry, count) in enumerate(zip(theirs, counts, strict=True)):
            until = last_day if entry.last_day is None else min(entry.last_day, last_day)
            parameters = entry.parameters | dict(self.parameters.get(pattern, {}))
            yield entry.model_copy(
                update={
                    "campaigns": count,
                    "per_10k_customers_30_days": None,
                    "last_day": until,
                    "parameters": parameters,
                    "series": series + place,
                }
            )

    def _further_frauds(self, again: Dataset, patterns: Collection[str]) -> pl.DataFrame:
        examples = examples_of_dataset(again)
        first_ones = self.dataset.campaigns.select("campaign_id")
        assert examples.attack is not None  # a dataset's are known
        further = (
            again.labels.filter(pl.col("attack").is_in(list(patterns)))
            .join(first_ones, on="campaign_id", how="anti")
            .select("tx_id", "campaign_id")
            .collect()
        )
        return (
            examples.features.with_columns(
                examples.attack.alias("attack"),
                pl.Series("tx_id", examples.row_id),
                pl.Series("time_us", examples.time_us),
            )
            .filter(pl.col("time_us") < self.before_us)
            .join(further, on="tx_id", how="inner", maintain_order="left")
            .sort("campaign_id", maintain_order=True)
            .drop("tx_id", "time_us")
        )


def _check_known(wanted: Mapping[str, int], attacks: Sequence[str | Path]) -> None:
    known = discover(ATTACKS, attacks)
    for pattern in wanted:
        if pattern not in known:
            raise UsageError(f"no attack pattern '{pattern}'{nearest(pattern, known)}")


def _frauds_per_campaign(dataset: Dataset, before_us: int) -> dict[str, float]:
    """Return how many frauds a campaign of each pattern has before the cut, where it has any."""
    cut = pl.lit(before_us).cast(pl.Datetime("us", "UTC"))
    of_campaigns = (
        dataset.campaigns.filter(pl.col("started_at") < cut).group_by("attack").len("campaigns")
    )
    scored = dataset.transactions.filter(pl.col("event_time") < cut, IS_SCORED).select("tx_id")
    of_frauds = dataset.labels.join(scored, on="tx_id", how="semi").group_by("attack").len("frauds")
    both = of_campaigns.join(of_frauds, on="attack").collect()
    return {
        attack: frauds / campaigns
        for attack, campaigns, frauds in both.select("attack", "campaigns", "frauds").rows()
    }


def _at_once(left: Mapping[str, int], dataset: Dataset) -> dict[str, int]:
    """Return how many frauds of each pattern to ask of one run."""
    most = MOST_FRAUD * dataset.row_counts["transactions"]
    share = min(1.0, most / sum(left.values()))
    return {pattern: math.ceil(count * share) for pattern, count in left.items()}


def _campaigns(frauds: Mapping[str, int], per_campaign: Mapping[str, float]) -> dict[str, int]:
    return {
        pattern: math.ceil(MARGIN * count / per_campaign.get(pattern, GUESSED_FRAUDS))
        for pattern, count in frauds.items()
    }


def _series(seed: int, run: int) -> int:
    """Return a number of a series for a run: far from those that scenarios have, and apart."""
    return (1 << SERIES_BITS) | (Streams(seed).key("further campaigns", run) >> (64 - SERIES_BITS))


def _day_of(scenario: Scenario, before_us: int) -> int:
    """Return the last day of the run, from 0, on which a campaign may start before the cut."""
    cut = datetime.fromtimestamp(before_us / 1e6, UTC)
    local = cut.astimezone(ZoneInfo(scenario.calendar.timezone)).date()
    return min(max((local - scenario.calendar.start).days - 1, 0), scenario.calendar.days - 1)
