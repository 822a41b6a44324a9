"""Whether a detector may run: one from outside is asked first whether it is honest."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fraudsim.detectors.kit.resolve import resolve
from fraudsim.examples import open_examples
from fraudsim.harness.honesty import check_honesty
from fraudsim.tracks.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fraudsim.examples import Examples
    from fraudsim.harness.honesty import Dishonesty
    from fraudsim.tracks.plan import Spec

WORLD = "admission-v1"
SEED = 1


def check_detector(detector: str) -> tuple[Dishonesty, ...]:
    """Return what a detector does that it must not, in a small world made for the question.

    Args:
        detector: what ``fraudsim.detectors.kit.resolve`` takes.

    Raises:
        UsageError: there is no such detector, or it refuses the rows.
    """
    found = resolve(detector)
    with TemporaryDirectory() as folder:
        return check_honesty(found, _examples(Path(folder)))


def refused(specs: Sequence[Spec], worlds: Path) -> dict[str, str]:
    """Return which detectors from outside may not run, and why; ours are checked by the tests.

    Args:
        specs: who is to run.
        worlds: where worlds are kept.
    """
    outside = list(_from_outside(specs))
    if not outside:
        return {}
    examples = _examples(worlds)
    reasons: dict[str, str] = {}
    for spec in outside:
        try:
            found = check_honesty(resolve(spec.detector), examples)
        except Exception as error:  # noqa: BLE001 -- somebody's detector may raise anything
            reasons[spec.name] = f"{type(error).__name__}: {' '.join(str(error).split())}"
            continue
        if found:
            reasons[spec.name] = "; ".join(one.sentence for one in found)
    return reasons


def _from_outside(specs: Iterable[Spec]) -> Iterable[Spec]:
    """Yield each detector that is none of ours, once."""
    for spec in {spec.detector: spec for spec in specs}.values():
        module = type(resolve(spec.detector)).__module__
        ours = module.startswith("fraudsim.detectors.") and ".kit." not in module
        if not ours:
            yield spec


def _examples(worlds: Path) -> Examples:
    return open_examples(world_of(worlds, WORLD, SEED))
