"""Fit a detector as the benchmark does, and save it as an ONNX file, which holds no code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.sinks.whole_file import check_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.dataset import Dataset
    from fraudsim.own_table import OwnTable
    from fraudsim.splits import TimeSplit


@dataclass(frozen=True)
class SavedDetector:
    """A detector that was fitted and saved.

    Attributes:
        path: of the ONNX file.
        detector: its name.
        rows: training rows.
        frauds: of those, known as fraud when it was fitted.
        columns: features that it takes, in order.
    """

    path: Path
    detector: str
    rows: int
    frauds: int
    columns: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "path": str(self.path),
            "detector": self.detector,
            "rows": self.rows,
            "frauds": self.frauds,
            "columns": list(self.columns),
        }


def save_detector(
    data: str | Path | Dataset | OwnTable,
    *,
    out: str | Path,
    detector: str = "lightgbm",
    label: str | None = None,
    time: str | None = None,
    amount: str | None = None,
    entity: Sequence[str] = (),
    split: TimeSplit | None = None,
    seed: int = 1,
) -> SavedDetector:
    """Fit a detector to the past of ``data`` and save it.

    It is fitted to the rows that ``benchmark`` would fit it to, with the same seed, so the file
    scores the future as the detector itself does.

    Args:
        data: a dataset, or somebody's own table as CSV or Parquet.
        out: the ONNX file; an earlier one is replaced.
        detector: one that can be saved so: trees, such as ``lightgbm`` or ``forest``.
        label: as of ``benchmark``; so are ``time``, ``amount``, ``entity``, ``split`` and ``seed``.
        time: see there.
        amount: see there.
        entity: see there.
        split: see there.
        seed: see there.

    Raises:
        UsageError: the data, a name or a number is wrong, the detector cannot be saved so, or the
            extra ``fraudsim[onnx]`` is not installed.
    """
    from fraudsim.detectors.kit.onnx_export import export_onnx
    from fraudsim.detectors.kit.resolve import resolve
    from fraudsim.examples import open_examples
    from fraudsim.harness.play import fitted
    from fraudsim.rebalancers.base import make_rebalancer
    from fraudsim.splits import default_split
    from fraudsim.training_set import training_set

    path = Path(out)
    check_target(path)
    maker = resolve(detector)
    examples = open_examples(data, label=label, time=time, amount=amount, entity=entity)
    parts = (split or default_split(examples)).apply(examples)
    training = training_set(examples, parts, make_rebalancer("none", ratio=None, seed=seed))
    export_onnx(fitted(maker, examples, parts, training, seed=seed), path)
    return SavedDetector(
        path=path,
        detector=maker.name,
        rows=int(parts.train.size),
        frauds=int(parts.known_fraud.sum()),
        columns=tuple(examples.features.columns),
    )
