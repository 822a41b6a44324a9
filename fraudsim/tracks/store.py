"""The folder of a benchmark: worlds, scores and what came of each trial, kept as they are done.

So a benchmark that was killed goes on where it was, and anybody can judge the scores anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from fraudsim.errors import UsageError
from fraudsim.sinks.whole_file import write_json, written_whole
from fraudsim.tracks.plan import JUDGED_BY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from fraudsim.tracks.plan import TrialPlan

MARK = "fraudsim.tracks"
"""A file of this name says that a folder is one of ours."""


@dataclass(frozen=True)
class Scores:
    """The scores of one trial: cached, so that metrics can be computed anew without fitting.

    Attributes:
        rows: int64, ``row_id`` of each row tested.
        round: int64, number of its round.
        score: float64.
        probability: float64, corrected for what was done to the share of fraud.
        costs: what fitting and scoring took, by name; measured then, so kept with them.
    """

    rows: NDArray[np.int64]
    round: NDArray[np.int64]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]
    costs: Mapping[str, float | None]


@dataclass(frozen=True)
class Store:
    """The folder.

    Attributes:
        folder: where it is.
    """

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Store:
        """Return the store at a folder, which is made if it is not there.

        Raises:
            UsageError: it is a file, or a folder with something else in it.
        """
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file; give the folder to keep results in")
        mark = folder / MARK
        if folder.is_dir() and any(folder.iterdir()) and not mark.is_file():
            raise UsageError(
                f"{folder} is a folder with other things in it; give a new one, or one that "
                "`fraudsim benchmark --track` has made"
            )
        for name in ("trials", "scores", "worlds"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        mark.touch()
        return cls(folder)

    @classmethod
    def opened(cls, folder: Path) -> Store:
        """Return the store of a benchmark that was run.

        Raises:
            UsageError: there is none.
        """
        if not (folder / MARK).is_file():
            raise UsageError(f"{folder}: no results of `fraudsim benchmark --track` are there")
        return cls(folder)

    @property
    def worlds(self) -> Path:
        """Where worlds are simulated to."""
        return self.folder / "worlds"

    def get(self, trial: TrialPlan) -> dict[str, Any] | None:
        """Return what came of a trial that is done and was judged as we judge, or ``None``."""
        path = self._trial(trial)
        if not path.is_file():
            return None
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found if found["judged_by"] == JUDGED_BY else None

    def put(self, trial: TrialPlan, value: dict[str, Any]) -> None:
        """Keep what came of a trial."""
        write_json(self._trial(trial), {**value, "judged_by": JUDGED_BY}, indent=None)

    def scores(self, trial: TrialPlan) -> Scores | None:
        """Return the scores of a trial, or ``None``."""
        path = self._scores(trial)
        if not path.is_file():
            return None
        kept = pl.read_parquet(path)
        return Scores(
            rows=kept["row_id"].to_numpy(),
            round=kept["round"].cast(pl.Int64).to_numpy(),
            score=kept["score"].to_numpy(),
            probability=kept["probability"].to_numpy(),
            costs=json.loads(pl.read_parquet_metadata(path)["costs"]),
        )

    def put_scores(self, trial: TrialPlan, scores: Scores) -> None:
        """Keep the scores of a trial."""
        kept = pl.DataFrame(
            {
                "row_id": scores.rows,
                "round": pl.Series(scores.round).cast(pl.UInt8),
                "score": scores.score,
                "probability": scores.probability,
            }
        )
        with written_whole(self._scores(trial)) as aside:
            kept.write_parquet(aside, metadata={"costs": json.dumps(scores.costs)})

    def _trial(self, trial: TrialPlan) -> Path:
        return self.folder / "trials" / f"{trial.id}.json"

    def _scores(self, trial: TrialPlan) -> Path:
        return self.folder / "scores" / f"{trial.id}.parquet"
