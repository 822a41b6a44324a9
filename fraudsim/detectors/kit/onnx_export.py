"""Writes a fitted classifier as an ONNX file that needs nothing beside it.

The file says in its metadata which columns it takes, in which order, and the categories of each: so
it scores tables, not only matrices, and another program can do the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from fraudsim.detectors.kit.extras import needed
from fraudsim.detectors.kit.onnx_trees import trees_of_lightgbm, trees_of_scikit_learn
from fraudsim.errors import UsageError
from fraudsim.sinks.whole_file import written_whole

if TYPE_CHECKING:
    from fraudsim.encoding import TableEncoder

FORMAT = "fraudsim.onnx/1"
FORMAT_KEY = "fraudsim.format"
COLUMNS_KEY = "fraudsim.columns"
"""Metadata: a JSON list of ``{"name": ..., "categories": [...] or null}``, in order."""

OPSETS = {"": 21, "ai.onnx.ml": 5}
IR_VERSION = 10
"""The oldest versions that have what is used, so that older runtimes read the file too."""


def export_onnx(classifier: Any, path: str | Path) -> None:
    """Write a fitted classifier of ours as an ONNX file, replacing an earlier one.

    Its input ``features`` is a float32 matrix in the order of the columns (codes for categories,
    NaN for what is missing); its output ``probability`` a double for each row.

    Args:
        classifier: what ``lightgbm`` and its kin, ``shallow_tree`` or ``forest`` built.
        path: where to.

    Raises:
        UsageError: it is another classifier, or ``onnx`` is not installed.
        sklearn.exceptions.NotFittedError: it was not fitted.
    """
    onnx = needed("onnx", by="an export to ONNX", extra="onnx")
    nodes = _nodes_of(classifier)
    encoder: TableEncoder = classifier.encoder_
    graph = onnx.helper.make_graph(
        nodes,
        "fraudsim",
        [_value("features", onnx.TensorProto.FLOAT, [None, len(encoder.columns)])],
        [_value("probability", onnx.TensorProto.DOUBLE, [None])],
        [
            onnx.numpy_helper.from_array(np.array([-1], np.int64), "flat"),
            onnx.numpy_helper.from_array(np.array(1.0), "one"),
        ],
    )
    model = onnx.helper.make_model(
        graph,
        producer_name="fraudsim",
        opset_imports=[onnx.helper.make_opsetid(*one) for one in OPSETS.items()],
        ir_version=IR_VERSION,
    )
    onnx.helper.set_model_props(
        model, {FORMAT_KEY: FORMAT, COLUMNS_KEY: json.dumps(columns_of(encoder))}
    )
    onnx.checker.check_model(model)
    with written_whole(Path(path)) as aside:
        aside.write_bytes(model.SerializeToString())


def columns_of(encoder: TableEncoder) -> list[dict[str, Any]]:
    """Return the columns of an encoder as JSON values."""
    return [{"name": name, "categories": encoder.categories.get(name)} for name in encoder.columns]


def _nodes_of(classifier: Any) -> list[Any]:
    from fraudsim.detectors.forest import ForestClassifier
    from fraudsim.detectors.lightgbm import LightGBMClassifier
    from fraudsim.detectors.shallow_tree import ShallowTreeClassifier

    if not isinstance(classifier, LightGBMClassifier | ForestClassifier | ShallowTreeClassifier):
        raise UsageError(
            f"a {type(classifier).__name__} cannot be exported to ONNX; these can: lightgbm, "
            "lightgbm_default, lightgbm_tuned, forest, shallow_tree "
            "(for scikit-learn's own: skl2onnx)"
        )
    check_is_fitted(classifier, "classes_")
    if isinstance(classifier, LightGBMClassifier):
        return _boosted(classifier)
    return _averaged(classifier)


def _boosted(classifier: Any) -> list[Any]:
    """Return the steps from the features to 1 / (1 + exp(-sum of the leaves))."""
    trees = trees_of_lightgbm(classifier.model_.booster_)
    return [
        *_summed(trees),
        _step("Neg", ["total"], "minus"),
        _step("Exp", ["minus"], "odds_against"),
        _step("Add", ["one", "odds_against"], "whole"),
        _step("Div", ["one", "whole"], "probability"),
    ]


def _averaged(classifier: Any) -> list[Any]:
    """Return the steps to the mean of the trees, brought to the odds of all rows."""
    estimators = getattr(classifier.model_, "estimators_", [classifier.model_])
    return [
        *_summed(trees_of_scikit_learn(estimators)),
        _constant("trees", float(len(estimators))),
        _constant("odds", getattr(classifier, "odds_", 1.0)),
        _step("Div", ["total", "trees"], "share"),
        _step("Mul", ["odds", "share"], "fraud"),
        _step("Sub", ["one", "share"], "genuine"),
        _step("Add", ["fraud", "genuine"], "whole"),
        _step("Div", ["fraud", "whole"], "probability"),
    ]


def _summed(trees: Any) -> list[Any]:
    from onnx import TensorProto

    return [
        _step("Cast", ["features"], "wide", to=TensorProto.DOUBLE),
        trees.operator("wide", "sums"),
        _step("Reshape", ["sums", "flat"], "total"),
    ]


def _step(operator: str, inputs: list[str], output: str, **attributes: Any) -> Any:
    from onnx import helper

    return helper.make_node(operator, inputs, [output], **attributes)


def _constant(name: str, value: float) -> Any:
    from onnx import numpy_helper

    return _step("Constant", [], name, value=numpy_helper.from_array(np.array(value)))


def _value(name: str, kind: int, shape: list[Any]) -> Any:
    from onnx import helper

    return helper.make_tensor_value_info(name, kind, shape)
