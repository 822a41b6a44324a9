"""Judge the frauds that a rebalancer makes of somebody's data: like real ones, and no leak?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fraudsim.balance_quality import Judgement
    from fraudsim.dataset import Dataset
    from fraudsim.own_table import OwnTable
    from fraudsim.splits import TimeSplit


def rebalance_quality(
    data: str | Path | Dataset | OwnTable,
    *,
    method: str,
    ratio: float | None = None,
    label: str | None = None,
    time: str | None = None,
    amount: str | None = None,
    entity: Sequence[str] = (),
    attacks: Sequence[str] = (),
    world: str | Path | None = None,
    map: str | Path | None = None,  # noqa: A002 -- named after the option
    split: TimeSplit | None = None,
    seed: int = 1,
    out: str | Path | None = None,
) -> Judgement:
    """Judge the frauds that a method makes of the training rows of ``data``.

    Half of the known frauds are held out; ``fraudsim.balance_quality.judge_rebalancer`` says how
    the others are used. The method runs twice.

    Args:
        data: a dataset, or somebody's own table as CSV or Parquet.
        method: name of a rebalancer that adds frauds.
        ratio: frauds per genuine row; the rebalancer's own default if not given.
        label: of an own table: the column that is 1 for fraud.
        time: of an own table: the column that says when.
        amount: of an own table: the column of amounts.
        entity: of an own table: columns that say who.
        attacks: for ``simulate``, as in ``fraudsim.rebalance``; so are ``world`` and ``map``.
        world: a simulated dataset whose frauds are taken.
        map: of an own table: what its columns mean.
        split: how to split; by default what suits the kind of data.
        seed: of everything random.
        out: where to write the page (``.html``) or the figures (``.json``) as well.

    Raises:
        UsageError: the data, a name or a number is wrong, or there are too few known frauds.
        FraudsimError: the page cannot be written.
    """
    from fraudsim.balance_quality import judge_rebalancer
    from fraudsim.examples import open_examples
    from fraudsim.rebalance import check_takes, world_settings
    from fraudsim.rebalancers.base import make_rebalancer
    from fraudsim.registry import REBALANCERS, get
    from fraudsim.splits import default_split
    from fraudsim.training_set import prepared, refuse_the_future

    in_world = world_settings(attacks, world, map)
    check_takes(get(REBALANCERS, method), method, ratio, in_world)
    examples = open_examples(data, label=label, time=time, amount=amount, entity=entity)
    parts = (split or default_split(examples)).apply(examples)
    refuse_the_future(examples, parts)
    rebalancer = prepared(
        make_rebalancer(
            method, ratio=ratio, seed=seed, amount=examples.amount_column, world=in_world
        ),
        examples,
        parts,
    )
    found = judge_rebalancer(
        rebalancer, examples.features[parts.train], parts.known_fraud, seed=seed
    )
    if out is not None:
        found.write(out)
    return found
