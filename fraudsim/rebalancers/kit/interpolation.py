"""imbalanced-learn's interpolating samplers, asked which rows they mix and how far between.

A sampler works on points (``fraudsim.rebalancers.kit.numbers``). What it makes of them is dropped:
the two rows behind each made one and the step between them are kept, so that rows are made in the
types of the table and it is known where each is from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.rebalancers.kit.adding import Added
from fraudsim.rebalancers.kit.numbers import Numbers, Pairs, between

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


def interpolated(frame: pl.DataFrame, frauds: NDArray[np.int64], pairs: Pairs) -> Added:
    """Return frauds between frauds.

    Args:
        frame: all training rows.
        frauds: positions of the frauds.
        pairs: positions *within the frauds*.
    """
    return Added(
        features=between(frame[frauds], pairs),
        origin="interpolated",
        source=frauds[pairs.first],
        second=frauds[pairs.second],
    )


def points_of_all(frame: pl.DataFrame, name: str) -> NDArray[np.float32]:
    """Return a point for each training row.

    Raises:
        UsageError: there is no column of numbers.
    """
    numbers = Numbers(frame)
    refuse_no_numbers(numbers, name)
    return numbers.points(frame)


def refuse_no_numbers(numbers: Numbers, name: str) -> None:
    """Refuse a table without a column of numbers.

    Raises:
        UsageError: names the method.
    """
    if not numbers.has_numbers:
        raise UsageError(
            f"{name} needs a column of numbers to interpolate, and there are only categories; "
            "use smoten or random_over"
        )


def drawn_pairs(
    kind: type[Any],
    name: str,
    points: NDArray[Any],
    fraud: NDArray[np.bool_],
    wanted: int,
    **parameters: Any,
) -> Pairs:
    """Return the pairs of frauds that a sampler of imbalanced-learn mixes.

    Args:
        kind: SMOTE, or a sampler that derives from it.
        name: of the rebalancer, for errors.
        points: of the training rows.
        fraud: bool, of each.
        wanted: frauds to make.
        parameters: of the sampler.

    Of frauds that are the same point, the first stands for all.

    Raises:
        UsageError: the sampler cannot make frauds of these rows; says why.
    """
    asked = _asking(kind)(sampling_strategy={True: int(fraud.sum()) + wanted}, **parameters)
    asked.position = {row.tobytes(): at for at, row in reversed(list(enumerate(points[fraud])))}
    asked.pairs = []
    try:
        asked.fit_resample(points, fraud)
    except (ValueError, RuntimeError) as error:  # how imbalanced-learn says that it cannot
        raise UsageError(f"{name}: {' '.join(str(error).split())} (or use smote)") from error
    if not asked.pairs:
        raise UsageError(
            f"{name} found no fraud at the border between frauds and genuine rows to start from; "
            "use smote"
        )
    return _joined(asked.pairs).head(wanted)


class _Asks:
    """Keeps the pairs that a sampler mixes."""

    position: dict[bytes, int]
    pairs: list[Pairs]

    def _generate_samples(
        self,
        points: Any,
        near: Any,
        near_rows: Any,
        rows: Any,
        columns: Any,
        steps: Any,
        *rest: Any,
    ) -> Any:
        first = np.array([self.position[row.tobytes()] for row in points], np.int64)
        second = np.array([self.position[row.tobytes()] for row in near], np.int64)
        self.pairs.append(
            Pairs(first[rows], second[near_rows[rows, columns]], np.ravel(steps).astype(np.float64))
        )
        sampler: Any = super()  # SMOTE, by the class made below
        return sampler._generate_samples(points, near, near_rows, rows, columns, steps, *rest)  # noqa: SLF001 -- the one place where the pairs are known


def _asking(kind: type[Any]) -> type[Any]:
    return type(f"Asked{kind.__name__}", (_Asks, kind), {})


def _joined(pairs: list[Pairs]) -> Pairs:
    return Pairs(
        *(
            np.concatenate([getattr(part, name) for part in pairs])
            for name in ("first", "second", "step")
        )
    )
