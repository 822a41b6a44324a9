"""An export scores like the classifier it is of, and a file from elsewhere is data, never code."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.forest import ForestClassifier
from fraudsim.detectors.kit.onnx_export import COLUMNS_KEY, export_onnx
from fraudsim.detectors.kit.resolve import resolve
from fraudsim.detectors.lightgbm import LightGBMClassifier
from fraudsim.detectors.logistic import LogisticClassifier
from fraudsim.detectors.shallow_tree import ShallowTreeClassifier
from fraudsim.errors import UsageError

onnx = pytest.importorskip("onnx", reason="needs fraudsim[onnx]")
pytest.importorskip("onnxruntime", reason="needs fraudsim[onnx]")

CLASSIFIERS = {
    "lightgbm": LightGBMClassifier(n_estimators=80),
    "lightgbm_default": LightGBMClassifier(learning_rate=0.1, n_estimators=60, reg_lambda=0.0),
    "shallow_tree": ShallowTreeClassifier(),
    "forest": ForestClassifier(n_estimators=10, most_genuine=600),
}


def scored(path, past, rows):
    classifier = resolve(str(path)).build(seed=1, info=past.info)
    return classifier.fit(past.features, past.fraud).predict_proba(rows)[:, 1]


def ranking(scores):
    return np.argsort(np.round(scores, 12), kind="stable").tolist()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_an_export_scores_as_in_process(tmp_path, past, future, name):
    """With nulls, categories, booleans, and a category that was never seen."""
    inside = CLASSIFIERS[name].fit(past.features, past.fraud)
    rows = future.features.with_columns(
        kind=pl.when(pl.int_range(pl.len()) % 7 == 0).then(pl.lit("new")).otherwise("kind")
    )
    export_onnx(inside, tmp_path / "model.onnx")
    outside = scored(tmp_path / "model.onnx", past, rows)
    expected = inside.predict_proba(rows)[:, 1]
    assert outside == pytest.approx(expected, abs=1e-14)
    assert ranking(outside) == ranking(expected)


def test_rows_on_a_threshold_go_the_same_way(tmp_path):
    """Thresholds are doubles between 32-bit values: rounded, they would move rows."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(3000, 3)).astype(np.float32)
    fraud = values[:, 0] + rng.normal(size=3000) > 2
    inside = LightGBMClassifier(n_estimators=40).fit(values, fraud)
    trees = inside.model_.booster_.trees_to_dataframe()
    splits = trees.loc[trees["split_feature"] == "Column_0", "threshold"].to_numpy(float)
    rows = np.zeros((3 * splits.size, 3), np.float32)
    near = splits.astype(np.float32)
    rows[:, 0] = np.concatenate([near, np.nextafter(near, -9), np.nextafter(near, 9)])
    export_onnx(inside, tmp_path / "model.onnx")
    file = resolve(str(tmp_path / "model.onnx")).build(seed=1, info=None).fit(values, fraud)
    assert file.predict_proba(rows)[:, 1] == pytest.approx(
        inside.predict_proba(rows)[:, 1], abs=1e-14
    )


def test_a_missing_value_where_none_was_missing_before(tmp_path):
    rng = np.random.default_rng(4)
    values = rng.normal(size=(2000, 2))
    fraud = values[:, 0] > 1
    inside = LightGBMClassifier(n_estimators=20).fit(values, fraud)
    rows = np.array([[np.nan, 0.0], [np.nan, np.nan], [2.0, np.nan]])
    export_onnx(inside, tmp_path / "model.onnx")
    file = resolve(str(tmp_path / "model.onnx")).build(seed=1, info=None).fit(values, fraud)
    assert file.predict_proba(rows) == pytest.approx(inside.predict_proba(rows), abs=1e-14)


def test_the_name_is_that_of_the_file(tmp_path, past):
    export_onnx(ShallowTreeClassifier().fit(past.features, past.fraud), tmp_path / "My Model.onnx")
    assert resolve(str(tmp_path / "My Model.onnx")).name == "my_model"


def test_other_columns_are_refused(tmp_path, past):
    export_onnx(ShallowTreeClassifier().fit(past.features, past.fraud), tmp_path / "m.onnx")
    for rows, message in (
        (past.features.drop("gap"), "trained on 4 columns; the table misses gap"),
        (past.features.with_columns(more=1.0), "the table has also more"),
        (past.features.select("kind", "amount", "gap", "new"), "another order"),
        (past.features.with_columns(kind=pl.lit(1.0)), "'kind' should hold categories"),
        (past.features.with_columns(gap=pl.lit("x")), "'gap' should hold numbers"),
    ):
        classifier = resolve(str(tmp_path / "m.onnx")).build(seed=1, info=past.info)
        with pytest.raises(UsageError, match=message):
            classifier.fit(rows, past.fraud)


def test_what_cannot_be_exported_is_told(tmp_path, past):
    logistic = LogisticClassifier().fit(past.features, past.fraud)
    with pytest.raises(UsageError, match=r"LogisticClassifier cannot be exported .* lightgbm"):
        export_onnx(logistic, tmp_path / "m.onnx")


def model_of(nodes, inputs, outputs, *, domains=(), metadata=None):
    """A small model by hand."""
    helper = onnx.helper
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 5)]
    opsets += [helper.make_opsetid(one, 1) for one in domains]
    graph = helper.make_graph(nodes, "by_hand", inputs, outputs)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    if metadata:
        helper.set_model_props(model, metadata)
    return model.SerializeToString()


def matrix(name, columns, kind=1):
    return onnx.helper.make_tensor_value_info(name, kind, [None, columns])


def sigmoid_of_mean(columns):
    """A model of numbers that says nothing of columns."""
    nodes = [
        onnx.helper.make_node("ReduceMean", ["x"], ["mean"], keepdims=1, axes=None)
        if columns is None
        else onnx.helper.make_node("Gemm", ["x", "w"], ["mean"]),
        onnx.helper.make_node("Sigmoid", ["mean"], ["p"]),
    ]
    weights = onnx.numpy_helper.from_array(np.full((columns, 1), 0.001, np.float32), "w")
    nodes.insert(0, onnx.helper.make_node("Constant", [], ["w"], value=weights))
    return model_of(nodes, [matrix("x", columns)], [matrix("p", 1)])


def test_a_model_from_elsewhere_takes_a_matrix_of_numbers(tmp_path, past):
    path = tmp_path / "elsewhere.onnx"
    path.write_bytes(sigmoid_of_mean(2))
    numbers = past.features.select("amount", pl.col("gap").fill_null(0.0))
    scores = resolve(str(path)).build(seed=1, info=past.info).fit(numbers, past.fraud)
    expected = 1 / (1 + np.exp(-0.001 * numbers.sum_horizontal().to_numpy()))
    assert scores.predict_proba(numbers)[:, 1] == pytest.approx(expected, abs=1e-5)
    with pytest.raises(UsageError, match="does not say how 'kind' becomes one"):
        scored(path, past, past.features)
    with pytest.raises(UsageError, match="takes 2 columns, but the table has 1"):
        resolve(str(path)).build(seed=1, info=past.info).fit(numbers[:, :1], past.fraud)


def test_a_model_from_elsewhere_takes_column_by_column(tmp_path, past):
    path = tmp_path / "columns.onnx"
    nodes = [
        onnx.helper.make_node("Add", ["amount", "gap"], ["sum"]),
        onnx.helper.make_node("Sigmoid", ["sum"], ["p"]),
    ]
    inputs = [matrix("amount", 1), matrix("gap", 1)]
    path.write_bytes(model_of(nodes, inputs, [matrix("p", 1)]))
    rows = past.features.with_columns(pl.col("gap").fill_null(0.0))
    classifier = resolve(str(path)).build(seed=1, info=past.info).fit(rows, past.fraud)
    assert classifier.predict_proba(rows)[:, 1].min() >= 0.5
    with pytest.raises(UsageError, match="input 'gap' is no column of the table"):
        classifier.predict_proba(rows.drop("gap"))


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, b"\x00" * 64, b"PK\x03\x04"])
def test_garbage_is_no_model(tmp_path, past, content):
    path = tmp_path / "garbage.onnx"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"garbage\.onnx: is no ONNX file"):
        resolve(str(path)).build(seed=1, info=past.info)


def test_half_a_model_is_refused(tmp_path, past):
    path = tmp_path / "half.onnx"
    export_onnx(ShallowTreeClassifier().fit(past.features, past.fraud), path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UsageError, match=r"half.onnx"):
        resolve(str(path)).build(seed=1, info=past.info)


def test_custom_operators_are_refused(tmp_path, past):
    """Also inside a branch, where a look at the top alone would miss them."""
    path = tmp_path / "custom.onnx"
    node = onnx.helper.make_node("Anything", ["x"], ["p"], domain="my.code")
    path.write_bytes(model_of([node], [matrix("x", 4)], [matrix("p", 1)], domains=["my.code"]))
    with pytest.raises(UsageError, match=r"custom operators .'my.code'.* would need code to run"):
        resolve(str(path)).build(seed=1, info=past.info)
    inner = onnx.helper.make_graph([node], "inner", [], [matrix("p", 1)])
    choice = onnx.helper.make_node("If", ["yes"], ["p"], then_branch=inner, else_branch=inner)
    path.write_bytes(model_of([choice], [matrix("x", 4)], [matrix("p", 1)]))
    with pytest.raises(UsageError, match="custom operators"):
        resolve(str(path)).build(seed=1, info=past.info)


def test_numbers_in_other_files_are_refused(tmp_path, past):
    path = tmp_path / "external.onnx"
    model = onnx.load_model_from_string(sigmoid_of_mean(4))
    weights = onnx.numpy_helper.from_array(np.zeros((4, 1), np.float32), "w")
    onnx.external_data_helper.set_external_data(weights, "/etc/hostname")
    weights.ClearField("raw_data")
    model.graph.initializer.append(weights)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UsageError, match="keeps its numbers in other files"):
        resolve(str(path)).build(seed=1, info=past.info)


@pytest.mark.parametrize(
    ("operator", "columns", "message"),
    [
        ("Identity", 1, "scores should be numbers from 0 to 1"),
        ("Identity", 3, "should have an output of floats"),
        ("Log", 1, "scores should be numbers from 0 to 1"),  # NaN
    ],
)
def test_answers_that_are_no_probabilities_are_refused(tmp_path, past, operator, columns, message):
    path = tmp_path / "odd.onnx"
    node = onnx.helper.make_node(operator, ["x"], ["p"])
    path.write_bytes(model_of([node], [matrix("x", columns)], [matrix("p", columns)]))
    rows = np.full((past.fraud.size, columns), -5.0)
    with pytest.raises(UsageError, match=message):
        resolve(str(path)).build(seed=1, info=past.info).fit(rows, past.fraud)


def test_metadata_that_are_broken_are_refused(tmp_path, past):
    path = tmp_path / "meta.onnx"
    for broken in ("{", json.dumps([{"nam": 1}]), "3"):
        node = onnx.helper.make_node("Sigmoid", ["x"], ["p"])
        metadata = {COLUMNS_KEY: broken}
        path.write_bytes(model_of([node], [matrix("x", 1)], [matrix("p", 1)], metadata=metadata))
        with pytest.raises(UsageError, match=r"its metadata .* should be a JSON list"):
            resolve(str(path)).build(seed=1, info=past.info)


def test_without_the_package_it_says_what_to_install(tmp_path, past, monkeypatch):
    import sys

    path = tmp_path / "model.onnx"
    export_onnx(ShallowTreeClassifier().fit(past.features, past.fraud), path)
    detector = resolve(str(path))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UsageError, match=r"pip install 'fraudsim\[onnx\]'"):
        detector.build(seed=1, info=past.info)
    assert Path(path).is_file()
