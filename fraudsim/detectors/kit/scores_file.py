"""Plugs in a file of scores: whatever made them, wherever it ran."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.key_columns import ROW
from fraudsim.detectors.kit.order import squashed
from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IDS = ("tx_id", "row")
"""What the column may be called that says which row is meant: of a dataset, of an own table."""

SCORE = "score"


class ScoresFile(Detector):
    """A detector that looks scores up; ``fraudsim.detectors.kit.naming.named`` gives it a name.

    Scores that are not all from 0 to 1 are brought there in their order (``squashed``). A row
    without a score gets 0, as nobody raised an alert about it; ``notes`` counts them.

    Args:
        path: a Parquet or CSV file with ``tx_id`` (or ``row``, the number of a row in somebody's
            own table, from 0) and ``score``.

    Raises:
        UsageError: it cannot be read, or is no such file.
    """

    name: ClassVar[str] = "scores"
    summary: ClassVar[str] = "scores from a file"
    learns: ClassVar[bool] = False
    wants_keys: ClassVar[bool] = True

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.scores = _between_0_and_1(read_scores(self.path))
        self.misses = Misses()

    def build(self, *, seed: int, info: FeatureInfo) -> ScoresClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return a classifier that looks scores up by the key of a row.

        Raises:
            UsageError: the rows have no such key.
        """
        if ROW not in info.keys:
            raise UsageError(
                f"{self.path}: scores are found by the column '{ROW}', which these features lack: "
                "score a dataset or a table, not features put together by hand"
            )
        return ScoresClassifier(self.scores, self.misses)

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:  # noqa: ARG002 -- on any features
        """Say how many rows had no score, of those asked about so far."""
        if not self.misses.missing:
            return ()
        share = f"{self.misses.missing:,} of {self.misses.asked:,} rows"
        where = self.path.name
        return (f"{self.name}: {share} have no score in {where} and count as approved (score 0)",)


class Misses:
    """How many rows were asked about, and how many of them had no score."""

    def __init__(self) -> None:
        self.asked = 0
        self.missing = 0


class ScoresClassifier(FraudClassifier):
    """Scores by looking up the key of a row; learns nothing.

    Args:
        scores: two columns, the id of a row (each once) and its score, 0 to 1.
        misses: where to count rows without a score.
    """

    def __init__(self, scores: pl.DataFrame, misses: Misses) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.scores = scores
        self.misses = misses

    def _fit(
        self, frame: pl.DataFrame, fraud: NDArray[np.bool_], weight: NDArray[np.float64] | None
    ) -> None:
        """Learn nothing."""

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        if ROW not in frame.columns:
            raise UsageError(f"the rows have no column '{ROW}'{nearest(ROW, frame.columns)}")
        found = frame.select(ROW).join(
            self.scores, left_on=ROW, right_on="id", how="left", maintain_order="left"
        )[SCORE]
        self.misses.asked += found.len()
        self.misses.missing += found.null_count()
        return found.fill_null(0.0).to_numpy()


def read_scores(path: Path) -> pl.DataFrame:
    """Return the columns ``id`` (int64) and ``score`` (float64) of a file.

    Raises:
        UsageError: a column is missing, an id is no whole number or stands there twice, or a score
            is no number.
    """
    table = _read(path)
    id_name = next((name for name in IDS if name in table.columns), None)
    if id_name is None or SCORE not in table.columns:
        missing = "tx_id (or row)" if id_name is None else SCORE
        raise UsageError(
            f"{path}: the column {missing} is missing; it should have tx_id (or row) and score, "
            f"and has {', '.join(table.columns)}"
        )
    ids, scores = table[id_name], table[SCORE]
    if not ids.dtype.is_integer() or ids.null_count():
        raise UsageError(f"{path}: {id_name} should be whole numbers, one in every row")
    if not scores.dtype.is_numeric():
        raise UsageError(f"{path}: {SCORE} should be numbers, not {scores.dtype}")
    values = scores.cast(pl.Float64)
    wrong = int((values.is_null() | ~values.is_finite().fill_null(value=False)).sum())
    if wrong:
        raise UsageError(f"{path}: {wrong:,} of {table.height:,} scores are empty or no number")
    if ids.n_unique() != ids.len():
        twice = ids.filter(ids.is_duplicated()).sort()[0]
        raise UsageError(f"{path}: {id_name} {twice} stands there more than once")
    return pl.DataFrame({"id": ids.cast(pl.Int64), SCORE: values})


def are_probabilities(scores: pl.DataFrame) -> bool:
    """Return whether all scores are from 0 to 1 as they stand."""
    return bool(scores[SCORE].is_between(0, 1).all())


def _between_0_and_1(scores: pl.DataFrame) -> pl.DataFrame:
    """Bring scores of any size between 0 and 1 in their order, all or none."""
    if are_probabilities(scores):
        return scores
    return scores.with_columns(pl.Series(SCORE, squashed(scores[SCORE].to_numpy())))


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path) if path.suffix.lower() == ".csv" else pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UsageError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from error
