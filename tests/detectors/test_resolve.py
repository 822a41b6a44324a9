"""One line names a detector, and a wrong line says what would be right."""

import sys
from textwrap import dedent

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from fraudsim.detectors.kit.resolve import detector_of, resolve, resolve_all
from fraudsim.detectors.lightgbm import LightGBM
from fraudsim.errors import UsageError

MODELS = """
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from fraudsim.detectors.lightgbm import LightGBM

model = make_pipeline(StandardScaler(), LogisticRegression())
forest = GaussianNB()
number = 3
class Box: inside = GaussianNB
def made(): return GaussianNB()
def needs_more(depth): return GaussianNB()
def broken(): return None
"""
DETECTOR = """
from typing import ClassVar
from fraudsim.detectors.amount import AmountClassifier
from fraudsim.detectors.base import Detector

class Mine(Detector):
    name: ClassVar[str] = "{name}"
    summary: ClassVar[str] = "mine"
    def build(self, *, seed, info):
        return AmountClassifier(info.amount)
"""


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A file of models that is also a module."""
    path = tmp_path / "my_models.py"
    path.write_text(MODELS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield path
    sys.modules.pop("my_models", None)


def scores(detector, past, future):
    rows = (past.with_keys, future.with_keys) if detector.wants_keys else None
    rows = rows or (past.features, future.features)
    classifier = detector.build(seed=1, info=past.info).fit(rows[0], past.fraud)
    return classifier.predict_proba(rows[1])[:, 1]


def test_a_name_of_the_registry():
    assert isinstance(resolve("lightgbm"), LightGBM)


@pytest.mark.parametrize("inside", ["model", "made", "Box.inside", "forest"])
def test_an_object_of_a_module_or_file(models, past, future, inside):
    by_module, by_file = resolve(f"my_models:{inside}"), resolve(f"{models}:{inside}")
    assert (scores(by_module, past, future) == scores(by_file, past, future)).all()
    assert by_module.name == {"forest": "forest_2"}.get(inside, inside.rpartition(".")[2])


def test_a_class_of_scikit_learn(past, future):
    detector = resolve("sklearn.naive_bayes:GaussianNB")
    assert detector.name == "gaussian_nb"
    assert detector.learns
    assert detector.probabilities
    assert scores(detector, past, future).std() > 0


def test_a_detector_of_a_module():
    assert isinstance(resolve("fraudsim.detectors.lightgbm:LightGBM"), LightGBM)


def test_a_file_with_one_detector(tmp_path, past, future):
    path = tmp_path / "mine.py"
    path.write_text(DETECTOR.format(name="my_detector"), encoding="utf-8")
    detector = resolve(str(path))
    assert detector.name == "my_detector"
    assert scores(detector, past, future).std() > 0


def test_names_are_unique(models):
    found = resolve_all([f"{models}:made", "my_models:made", "lightgbm", "lightgbm"])
    assert [one.name for one in found] == ["made", "made_2", "lightgbm"]


def test_the_name_of_a_built_in_one_is_not_taken(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(DETECTOR.format(name="lightgbm"), encoding="utf-8")
    with pytest.raises(UsageError, match="'lightgbm'"):
        resolve(str(path))
    with pytest.raises(UsageError, match="another detector named 'lightgbm': rename this one"):
        resolve(f"{path}:Mine")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("lightgmb", "did you mean 'lightgbm'"),
        ("nonsense", r"unknown detector 'nonsense'; known: .*\na detector is one of\n  NAME"),
        ("no_such_module:model", "no module 'no_such_module' .* path/to/file.py:object"),
        ("sklearn.nothing:Model", "no module 'sklearn.nothing'"),
        ("sklearn.naive_bayes:GausianNB", "has no 'GausianNB'; did you mean 'GaussianNB'"),
        ("my_models:number", "number is a int, which is no detector: it should have fit"),
        ("my_models:broken", "broken is a NoneType"),
        ("my_models:needs_more", "cannot be called without arguments"),
        ("sklearn.linear_model:LinearRegression", "predict_proba"),
        ("{folder}/my_models.py", "name the object: .*my_models.py:model"),
        ("{folder}/my_modles.py", "no such file; did you mean 'my_models.py'"),
        ("{folder}/my_models.py:modle", "has no 'modle'; did you mean 'model'"),
        ("{folder}/model.onnx", "no such file"),
        ("{folder}/scores.csv", "no such file"),
        ("ftp://127.0.0.1/model", "http://127.0.0.1:8000 was expected"),
        ("http://[::1", "is no address"),
    ],
)
def test_a_wrong_line_says_what_would_be_right(models, spec, message):
    with pytest.raises(UsageError, match=f"(?s){message}"):
        resolve(spec.format(folder=models.parent))


@pytest.mark.parametrize("ending", ["pkl", "pickle", "joblib", "PKL", "pt"])
def test_saved_objects_are_never_opened(tmp_path, ending):
    """The file would write another one if it were opened."""
    import pickle

    trace = tmp_path / "opened"

    class Hostile:
        def __reduce__(self):
            return (open, (str(trace), "w"))

    path = tmp_path / f"model.{ending}"
    path.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(UsageError, match=r"Save the model as ONNX .* or name .* module:object"):
        resolve(str(path))
    assert not trace.exists()


def test_nothing_that_plugs_in_knows_how_to_unpickle():
    from pathlib import Path

    from fraudsim.detectors import kit

    for path in Path(kit.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import pickle" not in text, path.name
        assert "import joblib" not in text, path.name


def test_a_module_that_raises_is_named(tmp_path, monkeypatch):
    (tmp_path / "raises_at_once.py").write_text("raise OSError('no luck')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match="raises_at_once:x: cannot be imported: OSError: no luck"):
        resolve("raises_at_once:x")


def test_a_module_that_needs_another_is_told_apart(tmp_path, monkeypatch):
    (tmp_path / "needs_another.py").write_text("import not_there_at_all", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match="needs not_there_at_all, which is missing"):
        resolve("needs_another:x")


def test_what_was_fitted_before_is_forgotten(past, future):
    """A template is cloned: neither it nor what it learnt elsewhere takes part."""
    template = GaussianNB().fit(np.zeros((4, 4)), [0, 1, 0, 1])
    fresh = scores(detector_of(GaussianNB(), "nb"), past, future)
    assert (scores(detector_of(template, "nb"), past, future) == fresh).all()
    assert (template.theta_ == 0).all()


def test_seeds_reach_every_step(past, future):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline

    detector = detector_of(make_pipeline(RandomForestClassifier(5, random_state=0)), "f")
    first = detector.build(seed=5, info=past.info).fit(past.features, past.fraud)
    assert first.model_.steps[0][1].random_state == 5


def test_weights_that_are_not_taken_are_told(past):
    from sklearn.neighbors import KNeighborsClassifier

    detector = detector_of(KNeighborsClassifier(), "knn")
    assert detector.notes(past.info) == (
        "knn takes no weights of rows: those of a rebalancer are not used",
    )
    assert detector_of(GaussianNB(), "nb").notes(past.info) == ()
    detector.build(seed=1, info=past.info).fit(
        past.features, past.fraud, sample_weight=np.ones(past.fraud.size)
    )


def test_scores_that_are_no_numbers_are_refused(past, future):
    class Broken:
        def fit(self, rows, labels):
            self.labels = (len(rows), labels)

        def predict_proba(self, rows):
            return np.full((len(rows), 2), np.nan)

    detector = detector_of(Broken(), "broken")
    with pytest.raises(UsageError, match="Broken: scores should be numbers from 0 to 1"):
        scores(detector, past, future)


def test_outliers_of_scikit_learn_and_of_pyod_point_the_same_way():
    """What is far away is odd, although the two libraries write that with opposite signs."""
    pyod = pytest.importorskip("pyod.models.knn", reason="needs an extra")
    from sklearn.ensemble import IsolationForest
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    past = rng.normal(size=(400, 2))
    odd = np.array([[0.0, 0.0], [9.0, 9.0]])
    y = np.arange(400) % 2
    things = (
        IsolationForest(),
        make_pipeline(StandardScaler(), IsolationForest()),
        pyod.KNN(),
    )
    from fraudsim.detectors.base import FeatureInfo

    for thing in things:
        detector = detector_of(thing, "odd")
        assert not detector.learns
        assert not detector.probabilities
        near, far = detector.build(seed=1, info=FeatureInfo()).fit(past, y).predict_proba(odd)[:, 1]
        assert far > near


def test_any_size_of_score_keeps_its_order():
    from fraudsim.detectors.kit.order import squashed

    values = np.array([-1e300, -1e9, -1e9 + 1e-2, -1.0, 0.0, 1e-9, 40.0, 41.0, 1e15, 1e300])
    assert (np.diff(squashed(values)) > 0).all()


def test_a_text_that_is_dedented_is_a_file(tmp_path, past, future):
    """The shortest thing that can be plugged in by a file."""
    path = tmp_path / "shortest.py"
    path.write_text(
        dedent(
            """
            from sklearn.tree import DecisionTreeClassifier
            model = DecisionTreeClassifier(max_depth=3)
            """
        ),
        encoding="utf-8",
    )
    assert scores(resolve(f"{path}:model"), past, future).std() > 0
