"""Plugs in an ONNX file: a model as data, which can be opened without running anybody's code.

It is run by onnxruntime on one thread of the CPU. Operators other than ONNX's own are refused, as
those would come with code of their own, and so are files that keep their numbers in other files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.estimator import checked
from fraudsim.detectors.kit.extras import needed
from fraudsim.detectors.kit.onnx_export import COLUMNS_KEY
from fraudsim.encoding import TableEncoder, is_category
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

OWN_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
"""Domains of the operators that ONNX itself defines."""

NUMBERS = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}
TEXT = "tensor(string)"


class OnnxFile(Detector):
    """A detector around an ONNX file; ``fraudsim.detectors.kit.naming.named`` gives it a name.

    Args:
        path: the file.
    """

    name: ClassVar[str] = "onnx"
    summary: ClassVar[str] = "an ONNX file, run by onnxruntime"
    learns: ClassVar[bool] = False

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def build(self, *, seed: int, info: FeatureInfo) -> OnnxClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return a classifier that scores with the file.

        Raises:
            UsageError: onnxruntime is not installed, or the file is not what it can run.
        """
        OnnxModel(self.path)  # says what is wrong before anything is fitted
        return OnnxClassifier(str(self.path))


class OnnxClassifier(FraudClassifier):
    """Scores by an ONNX file; learns nothing, but checks the columns when it is fitted.

    Args:
        path: the file.
    """

    model_: OnnxModel

    def __init__(self, path: str) -> None:
        """Keep the path."""
        self.path = path

    def _fit(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],  # noqa: ARG002 -- it was trained before
        weight: NDArray[np.float64] | None,  # noqa: ARG002 -- same
    ) -> None:
        self.model_ = OnnxModel(Path(self.path))
        self.model_.score(frame.head(1))

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        return self.model_.score(frame)


class OnnxModel:
    """An ONNX file that is open.

    Tables are handed to it in one of three ways: as our exports say in their metadata; a column to
    each input, if inputs have the names of columns; or as one matrix of numbers, in the order of
    the columns.

    Args:
        path: the file.

    Raises:
        UsageError: onnxruntime is not installed, or the file is not what it can run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.session = _session(path)
        self.inputs = self.session.get_inputs()
        described = self.session.get_modelmeta().custom_metadata_map.get(COLUMNS_KEY)
        self.encoder = None if described is None else _encoder_of(described, path)

    def score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Return the probability of fraud of each row.

        Raises:
            UsageError: the table has other columns than the file takes, or the answers are no
                probabilities.
        """
        if frame.height == 0:
            return np.empty(0)
        try:
            answers = self.session.run(None, self._given(frame))
        except Exception as error:  # the runtime has a class of errors of its own for each fault
            raise UsageError(f"{self.path}: cannot score these rows: {_short(error)}") from error
        return checked(_probability(answers, self.path), frame.height, str(self.path))

    def schema(self) -> dict[str, pl.DataType] | None:
        """Return the columns that the file says it takes; ``None`` if it does not say."""
        if self.encoder is None:
            return None
        categories = self.encoder.categories
        return {
            name: pl.String() if name in categories else pl.Float64()
            for name in self.encoder.columns
        }

    def _given(self, frame: pl.DataFrame) -> dict[str, NDArray[Any]]:
        if self.encoder is not None:
            _refuse_other_kinds(frame, self.encoder, self.path)
            return {self.inputs[0].name: self.encoder.transform(frame, np.float32)}
        if len(self.inputs) > 1 or self.inputs[0].name in frame.columns:
            return _column_by_column(frame, self.inputs, self.path)
        return {self.inputs[0].name: _one_matrix(frame, self.inputs[0], self.path)}


# Opening


def _session(path: Path) -> Any:
    runtime = needed("onnxruntime", by=str(path), extra="onnx")
    content = path.read_bytes()
    _refuse_what_is_not_data(content, path)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # its warnings go to stderr by themselves; errors are raised
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has a class of errors of its own for each fault
        raise UsageError(f"{path}: onnxruntime cannot run it: {_short(error)}") from error


def _refuse_what_is_not_data(content: bytes, path: Path) -> None:
    onnx = needed("onnx", by=str(path), extra="onnx")
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's own
        raise UsageError(f"{path}: is no ONNX file: {_short(error)}") from error
    if not model.graph.node:
        raise UsageError(f"{path}: is no ONNX file: there is no step in it")
    domains = {one.domain for one in model.opset_import} | set(_domains(model.graph))
    strange = sorted(domains - set(OWN_DOMAINS))
    if strange:
        raise UsageError(
            f"{path}: has custom operators ('{strange[0]}'), which would need code to run: "
            "export it with the operators of ONNX alone (ai.onnx, ai.onnx.ml)"
        )
    external = onnx.TensorProto.EXTERNAL
    if any(one.data_location == external for one in model.graph.initializer):
        raise UsageError(f"{path}: keeps its numbers in other files: save it as one file")


def _domains(graph: Any) -> Iterable[str]:
    """Yield the domain of every operator, also inside branches and loops."""
    for node in graph.node:
        yield node.domain
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _domains(inner)


def _encoder_of(described: str, path: Path) -> TableEncoder:
    """Return the encoder that an export's metadata describe."""
    try:
        columns = json.loads(described)
        encoder = TableEncoder()
        encoder.columns = [str(one["name"]) for one in columns]
        encoder.categories = {
            str(one["name"]): [str(text) for text in one["categories"]]
            for one in columns
            if one["categories"] is not None
        }
        encoder.categorical = [
            i for i, name in enumerate(encoder.columns) if name in encoder.categories
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path}: its metadata '{COLUMNS_KEY}' should be a JSON list of "
            f'{{"name": ..., "categories": [...] or null}}: {_short(error)}'
        ) from error
    return encoder


# Handing over a table


def _refuse_other_kinds(frame: pl.DataFrame, encoder: TableEncoder, path: Path) -> None:
    odd = sorted(set(frame.columns) ^ set(encoder.columns))
    if odd:
        missing = sorted(set(encoder.columns) - set(frame.columns))
        what = f"misses {', '.join(missing)}" if missing else f"has also {', '.join(odd)}"
        raise UsageError(
            f"{path}: was trained on {len(encoder.columns)} columns; the table {what}: "
            "score the features that it was trained on"
        )
    for name, dtype in frame.schema.items():
        if is_category(dtype) != (name in encoder.categories):
            kind = "categories" if name in encoder.categories else "numbers"
            raise UsageError(f"{path}: the column '{name}' should hold {kind}, not {dtype}")


def _column_by_column(
    frame: pl.DataFrame, inputs: Iterable[Any], path: Path
) -> dict[str, NDArray[Any]]:
    given = {}
    for one in inputs:
        if one.name not in frame.columns:
            raise UsageError(f"{path}: its input '{one.name}' is no column of the table")
        column = frame[one.name]
        if one.type == TEXT:
            values = column.cast(pl.String).fill_null("").to_numpy().astype(object)
        else:
            kind = _number_kind(one, path)
            if is_category(column.dtype):
                raise UsageError(f"{path}: its input '{one.name}' is of numbers, not categories")
            known = column if np.issubdtype(kind, np.floating) else column.fill_null(0)
            values = known.cast(pl.Float64).to_numpy().astype(kind)
        given[one.name] = values.reshape(-1, 1)
    return given


def _one_matrix(frame: pl.DataFrame, one: Any, path: Path) -> NDArray[Any]:
    texts = [name for name, dtype in frame.schema.items() if is_category(dtype)]
    if texts:
        raise UsageError(
            f"{path}: takes one matrix of numbers and does not say how '{texts[0]}' becomes one: "
            f"export it with an input for each column, or say so in its metadata '{COLUMNS_KEY}'"
        )
    width = one.shape[1] if len(one.shape) == 2 else None
    if isinstance(width, int) and width != frame.width:
        raise UsageError(f"{path}: takes {width} columns, but the table has {frame.width}")
    return TableEncoder().fit(frame).transform(frame).astype(_number_kind(one, path))


def _number_kind(one: Any, path: Path) -> type[Any]:
    if one.type not in NUMBERS:
        known = ", ".join([*NUMBERS, TEXT])
        raise UsageError(f"{path}: its input '{one.name}' is a {one.type}; it should be {known}")
    return NUMBERS[one.type]


# Reading the answer


def _probability(answers: list[Any], path: Path) -> NDArray[np.float64]:
    """Return the probability of fraud from the outputs of a model.

    It is the first output of floats: one column, or the last of two (genuine, fraud); the map of
    classes that scikit-learn's converter gives by default is understood too.
    """
    for answer in answers:
        if isinstance(answer, list) and answer and isinstance(answer[0], dict):
            return np.array([one.get(1, one.get("1", np.nan)) for one in answer], np.float64)
        values = np.asarray(answer)
        if not np.issubdtype(values.dtype, np.floating):
            continue  # the label that a classifier decides for
        if values.ndim == 1 or (values.ndim == 2 and values.shape[1] in (1, 2)):
            return values.reshape(len(values), -1)[:, -1].astype(np.float64)
    raise UsageError(
        f"{path}: should have an output of floats with a row for each payment: the probability of "
        "fraud, or those of genuine and of fraud"
    )


def _short(error: Exception) -> str:
    """Return an error of a library on one line that fits a terminal."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}..."
