"""What ``simulate`` takes frauds from, for the data that is rebalanced."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.dataset import Dataset, open_dataset
from fraudsim.errors import UsageError
from fraudsim.more_frauds.other_world import frauds_for_table
from fraudsim.more_frauds.own_world import more_frauds
from fraudsim.own_table import OwnTable
from fraudsim.quality.column_map import load_map
from fraudsim.rebalancers.kit.simulated import (
    FraudSource,
    GivenWorld,
    Simulated,
    drawn,
    first_of_each,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.examples import Examples
    from fraudsim.rebalancers.simulate import Simulate
    from fraudsim.splits import Split


def source_for(rebalancer: Simulate, examples: Examples, split: Split) -> FraudSource:
    """Return where frauds for these training rows come from.

    Raises:
        UsageError: a table of one's own has no world or no map, or a dataset has a map.
    """
    data = examples.data
    if isinstance(data, OwnTable):
        if rebalancer.world is None or rebalancer.map is None:
            missing = "world" if rebalancer.world is None else "map"
            raise UsageError(
                "simulate makes frauds for your own table of a simulated world (--world, a dataset "
                "from fraudsim simulate) and a map of its columns (--map, as for fraudsim audit); "
                f"--{missing} is not given"
            )
        return OtherWorld(rebalancer.world, rebalancer.map, data, split)
    if rebalancer.map is not None:
        raise UsageError("--map is for a table of your own; a fraudsim dataset needs none")
    if rebalancer.world is not None:
        return GivenWorld(rebalancer.world)
    if not isinstance(data, Dataset):
        raise UsageError(
            "simulate lives a dataset again, which these examples are not from; name one as world"
        )
    return OwnBank(data, examples, split)


class OwnBank:
    """The dataset's own bank, lived again with further campaigns."""

    def __init__(self, dataset: Dataset, examples: Examples, split: Split) -> None:
        """Look at which attacks are known when the model is fitted."""
        assert examples.attack is not None  # a dataset's are known
        known = examples.attack.gather(split.train[split.known_fraud])
        self._dataset = dataset
        self._before_us = split.train_until_us
        self._made: dict[int, Simulated] = {}
        self.usual: Mapping[str, int] = dict(sorted(Counter(known.to_list()).items()))

    def frauds(self, wanted: Mapping[str, int], seed: int) -> Simulated:
        """Return frauds of further campaigns; what was lived for more is not lived again."""
        before = self._made.get(seed)
        if before is not None:
            there = Counter(before.attack.to_list())
            if all(there[pattern] >= count for pattern, count in wanted.items()):
                rows = first_of_each(before.attack, wanted)
                return Simulated(before.features[rows], before.attack[rows], note=before.note)
        found = more_frauds(self._dataset, wanted, before_us=self._before_us, seed=seed)
        missing = ", ".join(f"{count:,} {pattern}" for pattern, count in found.missing.items())
        note = f"did not come about before the cut: {missing}" if missing else ""
        self._made[seed] = Simulated(found.features, found.attack, note=note)
        return self._made[seed]


class OtherWorld:
    """The frauds of a simulated world, as rows of somebody's own table."""

    def __init__(self, world: str, meaning: str, table: OwnTable, split: Split) -> None:
        """Give the world's frauds the columns of the table."""
        self._world = world
        self._made = frauds_for_table(
            table,
            open_dataset(world),
            load_map(meaning),
            known_fraud=split.train[split.known_fraud],
            before_us=split.train_until_us,
            seed=0,
        )
        self._place = np.full(table.time_us.size, -1)
        self._place[split.train] = np.arange(split.train.size)
        self.usual: Mapping[str, int] = dict(sorted(Counter(self._made.attack.to_list()).items()))

    def frauds(self, wanted: Mapping[str, int], seed: int) -> Simulated:
        """Return frauds drawn without replacement."""
        rows, note = drawn(self._made.attack, wanted, seed, where=self._world)
        borrowed = self._made.borrowed
        if borrowed:
            copied = f"{len(borrowed)} columns are no part of the map and are copied, together, "
            note = "; ".join(filter(None, [note, f"{copied}from known frauds"]))
        return Simulated(
            self._made.features[rows],
            self._made.attack[rows],
            source=self._place[self._made.source[rows]] if borrowed else None,
            note=note,
        )
