"""Frauds that were lived through: further campaigns in a simulated world."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from fraudsim.errors import UsageError
from fraudsim.rebalancers.base import Rebalanced, add_frauds, check_ratio
from fraudsim.rebalancers.kit.adding import Added, AddsFrauds, frauds_wanted
from fraudsim.rebalancers.kit.shares import equal_shares, in_proportion
from fraudsim.rebalancers.kit.simulated import FraudSource, GivenWorld, Simulated

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH = 0.01
"""One fraud to a hundred genuine rows: a tenth of what others make, as each has to be lived."""


class Simulate(AddsFrauds):
    """Keep all rows and add frauds of further campaigns, with their true labels.

    Behind ``fraudsim.rebalance`` and ``compare`` the dataset's own bank is lived again, in the
    training weeks, with campaigns that it has not had (``fraudsim.more_frauds``); a table of your
    own takes the frauds of ``world`` under the names that ``map`` gives them. In a pipeline of
    your own the rows are the frauds of ``world``, as its features have them.

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        attacks: patterns to simulate, each an equal share; also such as the data has not seen.
            Empty is those of the known frauds, as often as they are known.
        world: folder of the simulated dataset whose frauds are taken; ``None`` is the data's own.
        map: of your own table: what its columns mean, as for ``fraudsim audit --map``.
        random_state: the seed: which campaigns.
    """

    name: ClassVar[str] = "simulate"
    summary: ClassVar[str] = "all rows and frauds of further campaigns in a simulated world"
    reference: ClassVar[str] = "fraudsim.more_frauds"
    needs_world: ClassVar[bool] = True

    _source: FraudSource | None = None
    _note: str = ""

    def __init__(
        self,
        ratio: float = ENOUGH,
        attacks: tuple[str, ...] = (),
        world: str | None = None,
        map: str | None = None,  # noqa: A002 -- named after the option
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.attacks = attacks
        self.world = world
        self.map = map
        self.random_state = random_state

    def notes(self) -> tuple[str, ...]:
        """Return what did not come about, and what is not simulated."""
        return (self._note,) if self._note else ()

    @property
    def lives(self) -> bool:
        """Whether it knows where frauds come from."""
        return self._source is not None

    def live_in(self, source: FraudSource) -> None:
        """Take frauds from ``source`` from now on; a clone forgets it."""
        self._source = source

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:  # noqa: ARG002 -- simulated frauds are made from no row
        source = self._from()
        mix = self._mix(source)
        counts = dict(zip(mix, in_proportion(wanted, list(mix.values())), strict=True))
        made = self._lived(source, counts, frame)
        return Added(made.features, "simulated", source=made.source)

    def _rebalance_by(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], kind: NDArray[np.object_]
    ) -> Rebalanced:
        check_ratio(self.ratio, fraud)
        names, counts = np.unique(kind[fraud].astype(str), return_counts=True)
        known = dict.fromkeys(self.attacks, 0) | dict(
            zip(names.tolist(), counts.tolist(), strict=True)
        )
        shares = equal_shares(known, frauds_wanted(self.ratio, fraud))
        wanted = {name: shares[name] - count for name, count in known.items()}
        made = self._lived(self._from(), wanted, frame)
        added = add_frauds(frame, fraud, made.features, origin="simulated", source=made.source)
        nobody = pl.Series("kind", [None], dtype=pl.String).new_from_index(0, frame.height)
        return replace(added, made_kind=nobody.append(made.attack.cast(pl.String)))

    def _from(self) -> FraudSource:
        if self._source is None:
            if self.world is None:
                raise UsageError(
                    "simulate needs a world to live in: call it through fraudsim.rebalance or "
                    "fraudsim rebalance, or name a simulated dataset: Simulate(world=...)"
                )
            self._source = GivenWorld(self.world)
        return self._source

    def _mix(self, source: FraudSource) -> dict[str, int]:
        return dict.fromkeys(self.attacks, 1) if self.attacks else dict(source.usual)

    def _lived(self, source: FraudSource, wanted: dict[str, int], frame: pl.DataFrame) -> Simulated:
        asked = {name: count for name, count in wanted.items() if count > 0}
        made = source.frauds(asked, self.random_state)
        strange = [name for name in frame.columns if name not in made.features.columns]
        if strange:
            raise UsageError(
                f"simulated frauds have no column '{strange[0]}': the rows must have the features "
                "that fraudsim makes of a dataset (fraudsim.features)"
            )
        self._note = made.note
        features = made.features.select(
            # a category that the rows do not have is null, as an unknown one is when scoring
            pl.col(name).cast(dtype, strict=False)
            for name, dtype in frame.schema.items()
        )
        return replace(made, features=features)
