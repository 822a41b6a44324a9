"""Trials that are done, kept beside the results file until it is written.

So a comparison that was killed goes on. A trial is used again only if everything that it depends on
is the same: data, split, detector, method and its parameters, seed, costs, and the versions of
fraudsim and of what computes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fraudsim.comparison.trial import Trial
from fraudsim.sinks.whole_file import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMPUTES = ("numpy", "polars", "scikit-learn", "imbalanced-learn", "lightgbm")


@dataclass(frozen=True)
class Store:
    """The trials of one comparison.

    Attributes:
        folder: where they lie; ``None`` keeps none.
        shared: what all of them depend on, as JSON values.
    """

    folder: Path | None
    shared: Mapping[str, Any]

    @classmethod
    def beside(cls, results: Path | None, shared: Mapping[str, Any]) -> Store:
        """Return the store of a results file, which is a folder beside it."""
        folder = None if results is None else results.with_name(f"{results.name}.trials")
        versions = {name: version(name) for name in COMPUTES}
        return cls(folder, {**shared, "versions": versions})

    def get(self, method: str, parameters: Mapping[str, Any]) -> Trial | None:
        """Return a trial that is done, or ``None``."""
        path = self._path(method, parameters)
        if path is None or not path.is_file():
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        return Trial(**found | {"notes": tuple(found["notes"])})

    def put(self, method: str, parameters: Mapping[str, Any], trial: Trial) -> None:
        """Keep a trial."""
        path = self._path(method, parameters)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, trial.as_dict(), indent=None)

    def clear(self) -> None:
        """Forget all trials: the results are written."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, method: str, parameters: Mapping[str, Any]) -> Path | None:
        if self.folder is None:
            return None
        key = json.dumps([self.shared, method, parameters], sort_keys=True, default=str)
        name = method.replace(" ", "-")
        return self.folder / f"{name}-{sha256(key.encode()).hexdigest()[:16]}.json"
