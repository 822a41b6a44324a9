"""What every rebalancer promises.

A rebalancer is an imbalanced-learn sampler: ``fit_resample(X, y)``, ``get_params``, ``clone``, and
it works as a step of ``imblearn.pipeline.Pipeline``, which resamples in ``fit`` only. Polars tables
come back as polars tables with their types; numpy arrays and pandas tables come back as such.
``rebalance`` gives the same with where each row is from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator

from fraudsim.encoding import as_frame, as_fraud
from fraudsim.errors import UsageError
from fraudsim.registry import REBALANCERS, get

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORIGINS = pl.Enum(["real", "copied", "interpolated"])
"""Where a row is from: the data itself, a second copy of a row, or made from several rows."""

MILD_RATIO = 0.1
"""One fraud to ten genuine rows: on real data mild ratios do less harm than 1:1 (Worldline, Fraud
Detection Handbook chapter 6)."""


@dataclass(frozen=True)
class Rebalanced:
    """A training set with where each row is from.

    Attributes:
        features: the columns that were given, with their types.
        fraud: bool, of each row.
        weight: float64, how much each row counts; 1 unless the rebalancer weighs.
        origin: ``ORIGINS``, of each row.
        source: int64, position of the row that it is or was made from.
    """

    features: pl.DataFrame
    fraud: NDArray[np.bool_]
    weight: NDArray[np.float64]
    origin: pl.Series
    source: NDArray[np.int64]


class Rebalancer(BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn ships no types
    """Makes a training set with more frauds per genuine row.

    A subclass has a ``name`` (that of its file) and ``_rebalance``. Its parameters are the
    arguments of ``__init__``, as scikit-learn asks; ``random_state`` is its seed, and ``ratio``,
    where it has one, the frauds per genuine row that it makes.
    """

    name: ClassVar[str]
    summary: ClassVar[str]

    def rebalance(self, X: Any, y: Any) -> Rebalanced:  # noqa: N803 -- scikit-learn's names
        """Return the training set made of ``X`` and ``y``; neither is changed.

        Args:
            X: training rows: a polars or pandas table, or a numpy matrix.
            y: 1 or true for the rows known as fraud.

        Raises:
            UsageError: there is one class only, the ratio cannot be reached, or ``X`` has a
                column of the truth.
        """
        frame, fraud = as_frame(X), as_fraud(y)
        if frame.height != fraud.size:
            raise UsageError(f"{frame.height:,} rows but {fraud.size:,} labels")
        return self._rebalance(frame, fraud)

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:  # noqa: N803 -- scikit-learn's names
        """Return the resampled ``X`` and ``y``, each of the kind that was given.

        Raises:
            UsageError: as ``rebalance``; also if this rebalancer weighs rows, since a pipeline
                would lose the weights.
        """
        made = self.rebalance(X, y)
        if not (made.weight == 1.0).all():
            raise UsageError(
                f"{self.name} weighs rows and makes none: a pipeline would lose the weights; "
                "pass sample_weight=fit_weights(y) to the classifier, or use random_over"
            )
        return _like(X, made.features), _labels_like(y, made.fraud)

    def fit_weights(self, y: Any) -> NDArray[np.float64]:
        """Return the weight of each given row; 1 unless the rebalancer weighs.

        Raises:
            UsageError: there is one class only, or the ratio cannot be reached.
        """
        return self._weights(as_fraud(y))

    @abstractmethod
    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        """Make the training set; both classes are there."""

    def _weights(self, fraud: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.ones(fraud.size)


def make_rebalancer(name: str, *, ratio: float | None, seed: int) -> Rebalancer:
    """Return the rebalancer of that name with the parameters that it has.

    ``ratio`` is handed to those that have one; ``seed`` becomes ``random_state``.

    Raises:
        UsageError: there is none of that name; says the nearest.
    """
    cls = get(REBALANCERS, name)
    known = cls().get_params()
    given: dict[str, Any] = {"random_state": seed}
    if ratio is not None:
        given["ratio"] = ratio
    made: Rebalancer = cls(**{key: value for key, value in given.items() if key in known})
    return made


def take(frame: pl.DataFrame, fraud: NDArray[np.bool_], rows: NDArray[np.int64]) -> Rebalanced:
    """Return given rows; what comes a second time is a copy."""
    _, first = np.unique(rows, return_index=True)
    copied = np.ones(rows.size, np.bool_)
    copied[first] = False
    return Rebalanced(
        features=frame[rows],
        fraud=fraud[rows],
        weight=np.ones(rows.size),
        origin=origins(np.where(copied, "copied", "real")),
        source=rows,
    )


def origins(values: Any) -> pl.Series:
    """Return texts as a column of origins."""
    return pl.Series("origin", values, dtype=pl.String).cast(ORIGINS)


def check_ratio(ratio: float, fraud: NDArray[np.bool_]) -> None:
    """Refuse a ratio that is none, or that the rows already exceed.

    Raises:
        UsageError: says the present ratio.
    """
    if not 0 < ratio <= 1:
        raise UsageError(
            f"ratio must lie above 0 and at most 1 (frauds per genuine row), not {ratio}"
        )
    frauds = int(fraud.sum())
    present = frauds / (fraud.size - frauds)
    if ratio < present:
        raise UsageError(
            f"ratio {ratio:g} is below the present one: {frauds:,} frauds to "
            f"{fraud.size - frauds:,} genuine rows are {present:.4g}; ask for that or more"
        )


def _like(given: Any, frame: pl.DataFrame) -> Any:
    if isinstance(given, pl.DataFrame):
        return frame
    if isinstance(given, np.ndarray):
        return frame.to_numpy().astype(given.dtype, copy=False)
    columns = {name: column.to_numpy() for name, column in zip(given.columns, frame, strict=True)}
    return type(given)(columns).astype(given.dtypes)


def _labels_like(given: Any, fraud: NDArray[np.bool_]) -> Any:
    if isinstance(given, pl.Series):
        return pl.Series(given.name, fraud).cast(given.dtype)
    values = fraud.astype(np.asarray(given).dtype)
    return type(given)(values) if hasattr(given, "iloc") else values
