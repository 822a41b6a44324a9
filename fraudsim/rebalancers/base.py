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

ORIGINS = pl.Enum(["real", "copied", "interpolated", "generated", "simulated"])
"""Where a row is from: the data itself, a second copy of a row, made from several rows, drawn from
a model of the rows, or lived through in a simulated world."""

NOWHERE = -1
"""The position of a row that is not among those given."""

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
        source: int64, position of the row that it is or was made from; ``NOWHERE`` if there is
            none, as of generated and simulated rows.
        second: int64, position of the other row that it was interpolated with; ``NOWHERE`` if
            there is none, or if there are several.
    """

    features: pl.DataFrame
    fraud: NDArray[np.bool_]
    weight: NDArray[np.float64]
    origin: pl.Series
    source: NDArray[np.int64]
    second: NDArray[np.int64]


class Rebalancer(BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn ships no types
    """Makes a training set with more frauds per genuine row.

    A subclass has a ``name`` (that of its file), a ``summary``, a ``reference`` (where the method
    is from) and ``_rebalance``. Its parameters are the arguments of ``__init__``, as scikit-learn
    asks; ``random_state`` is its seed, ``ratio``, where it has one, the frauds per genuine row
    that it makes, and ``amount`` the column of amounts. ``weighs`` says that it makes weights and
    no rows. Most that add frauds derive from ``fraudsim.rebalancers.kit.adding.AddsFrauds``.

    Attributes after ``rebalance`` or ``fit_resample``:
        n_features_in_: columns that were given.
        sampling_strategy_: rows made of each class, as imbalanced-learn has it.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    reference: ClassVar[str] = ""
    weighs: ClassVar[bool] = False

    n_features_in_: int
    sampling_strategy_: dict[bool, int]

    def rebalance(self, X: Any, y: Any, by: Any = None) -> Rebalanced:  # noqa: N803 -- scikit-learn's names
        """Return the training set made of ``X`` and ``y``; neither is changed.

        Args:
            X: training rows: a polars or pandas table, or a numpy matrix.
            y: 1 or true for the rows known as fraud.
            by: what kind of fraud each row is (a polars Series or a list; of genuine rows it does
                not matter): every kind then gets an equal share of what is made. ``None`` makes
                no difference between frauds.

        Raises:
            UsageError: there is one class only, the ratio cannot be reached, ``X`` has a column
                of the truth, a fraud has no kind, or this rebalancer cannot tell kinds apart.
        """
        frame, fraud = as_frame(X), as_fraud(y)
        if frame.height != fraud.size:
            raise UsageError(f"{frame.height:,} rows but {fraud.size:,} labels")
        if by is None:
            made = self._rebalance(frame, fraud)
        else:
            made = self._rebalance_by(frame, fraud, _kinds(by, fraud))
        self.n_features_in_ = frame.width
        self.sampling_strategy_ = _made_of_each(made, fraud)
        return made

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:  # noqa: N803 -- scikit-learn's names
        """Return the resampled ``X`` and ``y``, each of the kind that was given.

        Raises:
            UsageError: as ``rebalance``; also if this rebalancer weighs rows, since a pipeline
                would lose the weights.
        """
        if self.weighs:
            raise UsageError(
                f"{self.name} weighs rows and makes none: a pipeline would lose the weights; "
                "pass sample_weight=fit_weights(X, y) to the classifier, or use random_over"
            )
        made = self.rebalance(X, y)
        return _like(X, made.features), _labels_like(y, made.fraud)

    def fit_weights(self, X: Any, y: Any) -> NDArray[np.float64]:  # noqa: N803 -- scikit-learn's names
        """Return the weight of each given row; 1 unless the rebalancer weighs.

        Raises:
            UsageError: as ``rebalance``.
        """
        if self.weighs:
            return self.rebalance(X, y).weight
        return np.ones(as_fraud(y).size)

    @abstractmethod
    def _rebalance(self, frame: pl.DataFrame, fraud: NDArray[np.bool_]) -> Rebalanced:
        """Make the training set; both classes are there."""

    def _rebalance_by(
        self,
        frame: pl.DataFrame,  # noqa: ARG002 -- for subclasses
        fraud: NDArray[np.bool_],  # noqa: ARG002 -- same
        kind: NDArray[np.object_],  # noqa: ARG002 -- same
    ) -> Rebalanced:
        """Make the training set with an equal share for every kind of fraud."""
        raise UsageError(
            f"{self.name} adds no fraud and weighs none, so it cannot give each kind an equal "
            "share; leave out by, or use random_over, class_weight or smote"
        )


def make_rebalancer(
    name: str, *, ratio: float | None, seed: int, amount: str | None = None
) -> Rebalancer:
    """Return the rebalancer of that name with the parameters that it has.

    Args:
        name: of the rebalancer.
        ratio: frauds per genuine row, for those that have a ratio; ``None`` is their own.
        seed: becomes ``random_state``.
        amount: the column of amounts, for those that weigh by it.

    Raises:
        UsageError: there is none of that name; says the nearest.
    """
    cls = get(REBALANCERS, name)
    known = cls().get_params()
    given: dict[str, Any] = {"random_state": seed}
    if ratio is not None:
        given["ratio"] = ratio
    if amount is not None:
        given["amount"] = amount
    made: Rebalancer = cls(**{key: value for key, value in given.items() if key in known})
    return made


def take(frame: pl.DataFrame, fraud: NDArray[np.bool_], rows: NDArray[np.int64]) -> Rebalanced:
    """Return given rows, each once at most, in the order asked for."""
    everything = rows.size == fraud.size and bool((rows == np.arange(rows.size)).all())
    return Rebalanced(
        features=frame if everything else frame[rows],
        fraud=fraud[rows],
        weight=np.ones(rows.size),
        origin=_origins("real", rows.size),
        source=rows,
        second=np.full(rows.size, NOWHERE),
    )


def add_frauds(
    frame: pl.DataFrame,
    fraud: NDArray[np.bool_],
    made: pl.DataFrame,
    *,
    origin: str,
    source: NDArray[np.int64] | None = None,
    second: NDArray[np.int64] | None = None,
) -> Rebalanced:
    """Return the given rows, and frauds that were made after them.

    Args:
        frame: the given rows.
        fraud: bool, of each of them.
        made: frauds with the columns of ``frame``.
        origin: one of ``ORIGINS``.
        source: positions that they were made from; none by default.
        second: positions of the other rows; none by default.
    """
    nowhere = np.full(made.height, NOWHERE)
    rows = np.arange(fraud.size)
    return Rebalanced(
        features=pl.concat([frame, made]),
        fraud=np.append(fraud, np.ones(made.height, np.bool_)),
        weight=np.ones(fraud.size + made.height),
        origin=_origins("real", fraud.size).append(_origins(origin, made.height)),
        source=np.append(rows, nowhere if source is None else source),
        second=np.append(np.full(rows.size, NOWHERE), nowhere if second is None else second),
    )


def keep(made: Rebalanced, rows: NDArray[np.bool_]) -> Rebalanced:
    """Return a part of a training set."""
    return Rebalanced(
        features=made.features.filter(rows),
        fraud=made.fraud[rows],
        weight=made.weight[rows],
        origin=made.origin.filter(pl.Series(rows)),
        source=made.source[rows],
        second=made.second[rows],
    )


def _origins(name: str, count: int) -> pl.Series:
    return pl.select(pl.repeat(name, count, dtype=ORIGINS).alias("origin")).to_series()


def _kinds(by: Any, fraud: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return the kind of each row as text, ``None`` of genuine rows; refuse a fraud without one."""
    given = by if isinstance(by, pl.Series) else pl.Series(list(by))
    values = np.array(given.cast(pl.String).to_list(), dtype=object)
    if values.size != fraud.size:
        raise UsageError(f"{fraud.size:,} rows but {values.size:,} kinds of fraud")
    missing = sum(value is None for value in values[fraud].tolist())
    if missing:
        raise UsageError(
            f"{missing:,} of {int(fraud.sum()):,} frauds have no kind: balancing by kind needs "
            "one for each; fill the column, or leave out by"
        )
    values[~fraud] = None
    return values


def _made_of_each(made: Rebalanced, fraud: NDArray[np.bool_]) -> dict[bool, int]:
    return {
        cls: int((made.fraud == cls).sum()) - int((fraud == cls).sum()) for cls in (False, True)
    }


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
