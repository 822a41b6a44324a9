"""The same course with something else known: what a track compares with the course as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.examples import NEVER_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fraudsim.examples import Examples
    from fraudsim.harness.schedule import Round
    from fraudsim.splits import Split
    from fraudsim.streams import Streams


def labels_at_once(examples: Examples) -> Examples:
    """Return examples of which every fraud is known the moment it happens: an oracle's labels."""
    return replace(examples, known_at_us=np.where(examples.fraud, examples.time_us, NEVER_US))


def dealt_at_random(examples: Examples, streams: Streams) -> Examples:
    """Return the rows dealt to the times at random, each label known at once: a random split.

    What follows of it is what a table shuffled before it is split claims, and what nobody gets.
    """
    order = streams.get("random split").permutation(examples.size)
    fraud = examples.fraud[order]
    return replace(
        examples,
        features=examples.features[order],
        row_id=examples.row_id[order],
        fraud=fraud,
        known_at_us=np.where(fraud, examples.time_us, NEVER_US),
        account=examples.account[order],
        amount=None if examples.amount is None else examples.amount[order],
        at_risk=None if examples.at_risk is None else examples.at_risk[order],
        attack=None if examples.attack is None else examples.attack.gather(order),
        keys=None if examples.keys is None else examples.keys[order],
    )


def without_attack(one: Round, examples: Examples, attack: str) -> Round:
    """Return a round without any fraud of an attack to learn from, known or not, then or later.

    Features of other rows may still have counted those rows: the past happened.

    Raises:
        UsageError: attacks are not known, or no other fraud is left to learn from.
    """
    if examples.attack is None:
        raise UsageError("which attack a fraud is of is known of simulated datasets only")
    others = (examples.attack != attack).fill_null(value=True).to_numpy()
    return _told(_with_train(one, others[one.split.train]), others)


def few_frauds(one: Round, examples: Examples, count: int, streams: Streams) -> Round:
    """Return a round with at most ``count`` known frauds, the others not there at all.

    Nothing is told later either: a detector that listens would soon know more than the others.
    """
    frauds = np.flatnonzero(one.split.known_fraud)
    kept = np.ones(one.split.train.size, np.bool_)
    if frauds.size > count:
        drawn = streams.get("few labels", count).choice(frauds, count, replace=False)
        kept[frauds] = False
        kept[drawn] = True
    return _told(_with_train(one, kept), np.zeros(examples.size, np.bool_))


def part_of_genuine(one: Round, examples: Examples, count: int, streams: Streams) -> Round:
    """Return a round with at most ``count`` training rows that are not known as fraud.

    Which are kept depends on each row alone, so that rounds of one world keep the same rows. Of the
    rows told later the same share is kept, so that a detector that listens goes on learning at the
    share of fraud that it was fitted at.
    """
    train = one.split.train
    genuine = np.flatnonzero(~one.split.known_fraud)
    if genuine.size <= count:
        return one
    luck = streams.get("part of genuine").random(examples.size)
    order = np.argsort(luck[train[genuine]], kind="stable")
    kept = one.split.known_fraud.copy()
    kept[genuine[order[:count]]] = True
    is_reported = examples.known_at_us < NEVER_US
    told = is_reported | (luck < luck[train[genuine[order[count]]]])
    return _told(_with_train(one, kept), told)


def part_of_test(one: Round, examples: Examples, count: int, streams: Streams) -> Round:
    """Return a round whose test has all its frauds and at most ``count`` genuine rows."""
    test = one.split.test
    genuine = np.flatnonzero(~examples.fraud[test])
    if genuine.size <= count:
        return one
    drawn = streams.get("part of test").choice(genuine, count, replace=False)
    kept = np.sort(np.concatenate([np.flatnonzero(examples.fraud[test]), drawn]))
    return replace(one, split=replace(one.split, test=test[kept]))


def _told(one: Round, told: NDArray[np.bool_]) -> Round:
    """Return a round in which of these rows only, and not of more than before, it is told later."""
    before = one.split.told
    return replace(one, split=replace(one.split, told=told if before is None else before & told))


def _with_train(one: Round, kept: NDArray[np.bool_]) -> Round:
    split: Split = one.split
    known = split.known_fraud[kept]
    if known.all() or not known.any():
        found = "nothing but fraud" if known.any() else "no known fraud"
        raise UsageError(f"the training part has {found} in {known.size:,} rows")
    return replace(one, split=replace(split, train=split.train[kept], known_fraud=known))
