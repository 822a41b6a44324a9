"""The one door between examples that are split and a rebalancer: only the known past goes through.

Whatever rebalances examples comes through ``training_set``, so that no row of the delay or of the
test, and no label that came later, can be copied, interpolated with, or counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.errors import UsageError, nearest
from fraudsim.rebalancers.simulate import Simulate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.examples import Examples
    from fraudsim.rebalancers.base import Rebalanced, Rebalancer
    from fraudsim.splits import Split

ATTACK = "attack"
"""What to balance by that is no column: the attack pattern of each fraud, where it is known."""


@dataclass(frozen=True)
class Kinds:
    """What kind of fraud each example is.

    Attributes:
        name: what frauds are told apart by.
        of: of every example, null where it has none; only that of known frauds is used.
        features: what may be learnt from: all columns, without one that has other values for
            fraud than for genuine rows, since that tells the truth.
    """

    name: str
    of: pl.Series
    features: pl.DataFrame


def training_set(
    examples: Examples, split: Split, rebalancer: Rebalancer, by: Kinds | None = None
) -> Rebalanced:
    """Return the rebalanced training rows of a split.

    Args:
        examples: all of them.
        split: which are for training, and what is known of them.
        rebalancer: makes the training set.
        by: what to tell frauds apart by.

    Raises:
        UsageError: the split has training rows from the delay or the test, or labels that are not
            known when the model is fitted; or as ``Rebalancer.rebalance``.
    """
    refuse_the_future(examples, split)
    rebalancer = prepared(rebalancer, examples, split)
    if by is None:
        return rebalancer.rebalance(examples.features[split.train], split.known_fraud)
    return rebalancer.rebalance(
        by.features[split.train], split.known_fraud, by=by.of.gather(split.train)
    )


def prepared(rebalancer: Rebalancer, examples: Examples, split: Split) -> Rebalancer:
    """Return a rebalancer that knows the world it takes frauds from, if it needs one.

    Raises:
        UsageError: there is none.
    """
    if isinstance(rebalancer, Simulate) and not rebalancer.lives:
        from fraudsim.more_frauds import source_for

        rebalancer.live_in(source_for(rebalancer, examples, split))
    return rebalancer


def refuse_the_future(examples: Examples, split: Split) -> None:
    """Refuse a split that would let a model learn what it cannot know.

    Raises:
        UsageError: says which rows or labels, and what would be right.
    """
    rows = split.train
    both = np.intersect1d(rows, split.test).size
    if both:
        raise UsageError(
            f"{both:,} test rows are among the training rows: resample the training rows of "
            "TimeSplit.apply only, and leave the test as it is"
        )
    late = int((examples.time_us[rows] >= split.train_until_us).sum())
    if late:
        raise UsageError(
            f"{late:,} of {rows.size:,} training rows are not before the cut: rows of the label "
            "delay or of the test period must not be learnt from; take split.train as "
            "TimeSplit.apply gives it"
        )
    if split.known_fraud.size != rows.size:
        raise UsageError(f"{rows.size:,} training rows but {split.known_fraud.size:,} labels")
    known_at = examples.known_at_us[rows][split.known_fraud]
    unknown = int((known_at >= split.fitted_at_us).sum())
    if unknown:
        raise UsageError(
            f"{unknown:,} of {known_at.size:,} labels are not known yet when the model is fitted: "
            "nobody had reported these frauds; take split.known_fraud, not the truth"
        )


def kinds_of(examples: Examples, by: str) -> Kinds:
    """Return what kind of fraud each example is.

    Args:
        examples: all of them.
        by: ``attack`` for the pattern of each fraud, or a column of the features.

    Raises:
        UsageError: attacks are not known, or there is no such column; says the nearest.
    """
    features = examples.features
    if by == ATTACK and examples.attack is not None:
        return Kinds(by, examples.attack, features)
    if by not in features.columns:
        known = features.columns + ([ATTACK] if examples.attack is not None else [])
        hint = (
            "; the attack of each fraud is known of datasets of fraudsim, in a table of your own "
            "name the column that says the kind"
            if by == ATTACK
            else nearest(by, known)
        )
        raise UsageError(f"there is no column '{by}' to balance by{hint}")
    column = features[by].cast(pl.String)
    fraud = pl.Series(examples.fraud)
    of_fraud, of_genuine = (set(column.filter(rows).drop_nulls()) for rows in (fraud, ~fraud))
    tells = not of_fraud & of_genuine
    return Kinds(by, column, features.drop(by) if tells else features)


def described(by: Kinds, split: Split, made: Rebalanced) -> Mapping[str, Any]:
    """Return, as JSON values, the known frauds of each kind, and those there are now."""
    kind = by.of.gather(split.train).cast(pl.String).to_numpy()
    known = kind[split.known_fraud]
    placed = made.fraud & (made.source >= 0)
    now = kind[made.source[placed]]
    weight = made.weight[placed]
    lived = Counter() if made.made_kind is None else Counter(made.made_kind.drop_nulls().to_list())
    return {
        str(name): {
            "known": int((known == name).sum()),
            "rows": int((now == name).sum()) + lived[name],
            "weight": round(float(weight[now == name].sum()) + lived[name], 6),
        }
        for name in sorted({*known.tolist(), *lived})
    }
