"""The comparison in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fraudsim.comparison.paired import Difference

JUDGED_BY = "average_precision"


def verdict(
    to_none: Mapping[str, Mapping[str, Difference]],
    to_weights: Mapping[str, Mapping[str, Difference]],
    detector: str,
) -> str:
    """Say in one sentence whether any method helps, by average precision.

    Args:
        to_none: of each method, its differences to the rows as they are.
        to_weights: its differences to ``class_weight``; empty if that was not run.
        detector: what was fitted.
    """
    of = {name: found[JUDGED_BY] for name, found in to_none.items()}
    better, ties, worse = (
        [name for name, one in of.items() if one.verdict == kind]
        for kind in ("better", "tie", "worse")
    )
    rest = _rest(ties, worse)
    if not of:
        return f"Nothing was compared with leaving the rows as they are, for {detector}."
    if not better:
        return (
            f"For {detector}, no method beats leaving the rows as they are in average precision: "
            f"{rest}."
        )
    best = max(better, key=lambda name: (of[name].mean, name))
    gain = f"{best} by {of[best].mean:+.3f} [{of[best].low:+.3f}, {of[best].high:+.3f}]"
    head = (
        f"For {detector}, {_listed(better)} {'beats' if len(better) == 1 else 'beat'} leaving the "
        f"rows as they are in average precision, {gain if len(better) == 1 else 'most ' + gain}"
    )
    return f"{head}{_beside_weights(better, to_weights)}{'; ' + rest if rest else ''}."


def _rest(ties: list[str], worse: list[str]) -> str:
    parts = []
    if ties:
        parts.append(f"{len(ties)} {'ties' if len(ties) == 1 else 'tie'} with it")
    if worse:
        parts.append(f"{_listed(worse)} {'is' if len(worse) == 1 else 'are'} worse")
    return ", ".join(parts)


def _beside_weights(better: list[str], to_weights: Mapping[str, Mapping[str, Difference]]) -> str:
    others = [name for name in better if name in to_weights]
    if not others:
        return ""
    too = [name for name in others if to_weights[name][JUDGED_BY].verdict == "better"]
    if not too:
        return ", and none of them beats class_weight" if len(others) > 1 else ", not class_weight"
    return f", and {_listed(too)} {'beats' if len(too) == 1 else 'beat'} class_weight, too"


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
