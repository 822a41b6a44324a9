"""A future in which only the frauds of rare attacks count."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from fraudsim.examples import Examples
    from fraudsim.splits import Split


def of_rare_attacks(examples: Examples, split: Split, most: int) -> tuple[Split, dict[str, int]]:
    """Return the split with a test of genuine rows and of frauds of rare attacks.

    What is learnt from stays as it is. The frauds of other attacks are taken out of the test: they
    are neither found nor missed.

    Args:
        examples: all of them.
        split: past and future.
        most: an attack with at most so many known training frauds is rare, one with none too.

    Returns:
        The split, and the known training frauds of each rare attack that comes in the test.

    Raises:
        UsageError: attacks are not known, or the test has no fraud of a rare one.
    """
    if examples.attack is None:
        raise UsageError(
            "which attacks are rare is known of datasets of fraudsim only; leave out --rare"
        )
    known = Counter(examples.attack.gather(split.train[split.known_fraud]).to_list())
    in_test = examples.attack.gather(split.test)
    rare = {name: known[name] for name in sorted(set(in_test.drop_nulls())) if known[name] <= most}
    if not rare:
        least = min((known[name] for name in set(in_test.drop_nulls())), default=0)
        raise UsageError(
            f"no attack of the test has at most {most:,} known training frauds (the rarest has "
            f"{least:,}); raise --rare"
        )
    kept = in_test.is_null() | in_test.is_in(list(rare))
    return replace(split, test=split.test[kept.to_numpy()]), rare


def note_on(rare: dict[str, int], most: int) -> str:
    """Say what is judged."""
    listed = ", ".join(f"{name} ({count:,} known)" for name, count in rare.items())
    return f"judged by the frauds of attacks with at most {most:,} known frauds only: {listed}"
