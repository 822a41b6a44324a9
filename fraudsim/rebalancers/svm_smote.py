"""SMOTE from the frauds that hold up the border of a support vector machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator

from fraudsim.rebalancers.base import MILD_RATIO
from fraudsim.rebalancers.kit.adding import Added, AddsBetweenNeighbours
from fraudsim.rebalancers.kit.interpolation import drawn_pairs, interpolated, points_of_all
from fraudsim.streams import Streams

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from fraudsim.rebalancers.kit.numbers import Pairs

MOST_GENUINE = 5_000
"""Genuine rows that the machine is fitted to at most: its time grows with the square of the rows
(84 CPU seconds for 100,000 rows of 30 columns), and only frauds among its vectors are used."""


class SvmSmote(AddsBetweenNeighbours):
    """Keep all rows and add frauds that start from the support vectors among the frauds.

    Among many genuine rows they are mixed with their neighbours; where frauds are safe, rows are
    made away from the neighbours, outwards, up to half as far (within the range of the frauds).

    Args:
        ratio: frauds per genuine row afterwards, above the present one and at most 1.
        k_neighbors: frauds that a fraud may be paired with.
        m_neighbors: rows around a fraud that say whether it is noise, in danger or safe.
        most_genuine: genuine rows, drawn at random, that the machine is fitted to at most.
        random_state: the seed.
    """

    name: ClassVar[str] = "svm_smote"
    summary: ClassVar[str] = "SMOTE that starts from the support vectors among the frauds"
    reference: ClassVar[str] = "Nguyen, Cooper, Kamei 2011; imbalanced-learn, SVMSMOTE"

    def __init__(
        self,
        ratio: float = MILD_RATIO,
        k_neighbors: int = 5,
        m_neighbors: int = 10,
        most_genuine: int = MOST_GENUINE,
        random_state: int = 1,
    ) -> None:
        """Keep the parameters, as scikit-learn asks; `rebalance` checks them."""
        self.ratio = ratio
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.most_genuine = most_genuine
        self.random_state = random_state

    def _added(self, frame: pl.DataFrame, fraud: NDArray[np.bool_], wanted: int) -> Added:
        points = points_of_all(frame, self.name)
        pairs = self._pairs(points, fraud, wanted)
        if pairs.first.size < wanted:  # where all are in danger, or none, it leaves out a part
            pairs = self._pairs(points, fraud, 4 * wanted).head(wanted)
        return interpolated(frame, np.flatnonzero(fraud), pairs)

    def _pairs(self, points: NDArray[np.float32], fraud: NDArray[np.bool_], wanted: int) -> Pairs:
        from imblearn.over_sampling import SVMSMOTE

        return drawn_pairs(
            SVMSMOTE,
            self.name,
            points,
            fraud,
            wanted,
            k_neighbors=self.k_neighbors,
            m_neighbors=self.m_neighbors,
            svm_estimator=MachineOfPart(self.most_genuine, self.random_state),
            random_state=self.random_state,
        )


class MachineOfPart(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's ``SVC`` on all frauds and a random part of the genuine rows.

    Attributes after ``fit``:
        support_: positions of its support vectors among all rows.
    """

    support_: NDArray[np.int64]
    machine_: Any

    def __init__(self, most_genuine: int = MOST_GENUINE, random_state: int = 1) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.most_genuine = most_genuine
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> MachineOfPart:  # noqa: N803 -- scikit-learn's names
        """Fit the machine."""
        from sklearn.svm import SVC

        rows = self._part(np.asarray(y, np.bool_))
        machine = SVC(gamma="scale", random_state=self.random_state).fit(X[rows], y[rows])
        self.support_ = rows[machine.support_]
        self.machine_ = machine
        return self

    def predict(self, X: Any) -> NDArray[np.bool_]:  # noqa: N803 -- scikit-learn's names
        """Return on which side of the border each row lies; imbalanced-learn asks that it can."""
        side: NDArray[np.bool_] = self.machine_.predict(X)
        return side

    def _part(self, fraud: NDArray[np.bool_]) -> NDArray[np.int64]:
        genuine = np.flatnonzero(~fraud)
        if genuine.size > self.most_genuine:
            stream = Streams(self.random_state).get("svm_smote rows")
            genuine = stream.choice(genuine, self.most_genuine, replace=False)
        return np.sort(np.append(genuine, np.flatnonzero(fraud)))
