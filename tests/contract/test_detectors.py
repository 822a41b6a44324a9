"""Every detector that the registry finds, and one of each way to plug one in, keeps the promises.

Who is left out of a test stands there with the reason.
"""

from __future__ import annotations

from threading import Thread
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from fraudsim.detectors.base import Detector, FeatureInfo
from fraudsim.detectors.kit.http_endpoint import HttpEndpoint
from fraudsim.detectors.kit.onnx_export import export_onnx
from fraudsim.detectors.kit.onnx_file import OnnxFile
from fraudsim.detectors.kit.resolve import detector_of
from fraudsim.detectors.kit.scores_file import ScoresFile
from fraudsim.detectors.kit.serve import serve
from fraudsim.detectors.shallow_tree import ShallowTreeClassifier
from fraudsim.errors import UsageError
from fraudsim.registry import DETECTORS, discover

KEYS = ("key_row", "key_time_us", "key_account", "key_merchant", "key_device", "key_payee")
INFO = FeatureInfo(amount="amount", look_back=False, keys=KEYS)
EXTRAS = {"gru": "torch", "hbos": "pyod", "online_logistic": "river", "xgboost": "xgboost"}
"""Detectors of an extra, and the package that it brings."""


class CountedLearner:
    """What River's methods are, with nothing of River: shares of fraud by channel and size."""

    def __init__(self) -> None:
        self.seen: dict[Any, float] = {}
        self.fraud: dict[Any, float] = {}

    def learn_one(self, x, y, w=1.0):
        kind = self._kind(x)
        self.seen[kind] = self.seen.get(kind, 1.0) + w
        self.fraud[kind] = self.fraud.get(kind, 0.1) + w * y

    def predict_proba_one(self, x):
        kind = self._kind(x)
        share = self.fraud.get(kind, 0.1) / self.seen.get(kind, 1.0)
        return {False: 1 - share, True: share}

    @staticmethod
    def _kind(x):
        return x.get("channel"), int(x["amount"] > 30), "count" in x


PLUGGED_IN = {
    "(pipeline)": make_pipeline(StandardScaler(), LogisticRegression()),
    "(margins)": make_pipeline(StandardScaler(), LinearSVC(max_iter=10_000)),
    "(outliers)": IsolationForest(n_estimators=20),
    "(learner)": CountedLearner(),
}
NEEDS_A_FILE = {"(onnx)": OnnxFile, "(http)": HttpEndpoint, "(scores)": ScoresFile}
EVERY: list[tuple[str, Detector | type[Detector]]] = [
    *((name, cls()) for name, cls in discover(DETECTORS).items()),
    *((name, detector_of(thing, name)) for name, thing in PLUGGED_IN.items()),
    *NEEDS_A_FILE.items(),
]


@pytest.fixture(scope="module")
def with_a_file(tmp_path_factory):
    """A detector for each of ``NEEDS_A_FILE``: a tree in a file, behind HTTP, and its scores."""
    folder = tmp_path_factory.mktemp("plugged-in")
    frame, y = payments()
    tree = ShallowTreeClassifier().fit(frame, y)
    later = payments(HttpEndpoint, seed=9, rows=3000)[0]
    made = pl.DataFrame(
        {
            "row": later["key_row"],
            "score": tree.predict_proba(later.drop(KEYS))[:, 1],
        }
    )
    made.write_csv(folder / "scores.csv")
    server = serve(tree, schema=frame.schema)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield {
        "(onnx)": lambda: _exported(tree, folder / "tree.onnx"),
        "(http)": lambda: HttpEndpoint(server.url, timeout_s=20),
        "(scores)": lambda: ScoresFile(folder / "scores.csv"),
    }
    server.shutdown()
    server.server_close()
    thread.join()


def _exported(tree, path):
    pytest.importorskip("onnxruntime", reason="needs fraudsim[onnx]")
    export_onnx(tree, path)
    return OnnxFile(path)


@pytest.fixture
def detector(request):
    """The detector of a test, as it is or made for the name."""
    name = request.node.callspec.params["name"]
    if name in NEEDS_A_FILE:
        return request.getfixturevalue("with_a_file")[name]()
    return request.param


def those(chosen):
    """Parametrise by the detectors that are chosen."""
    params = [pytest.param(name, one, id=name) for name, one in EVERY if chosen(one)]
    return pytest.mark.parametrize(("name", "detector"), params, indirect=["detector"])


every = those(lambda _: True)
learners = those(lambda one: one.learns)


@pytest.fixture(autouse=True)
def _extra_is_there(request):
    """Detectors whose package is not installed say so and are skipped; CI has all."""
    name = request.node.callspec.params.get("name") if hasattr(request.node, "callspec") else None
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name], reason=f"{name} needs an extra")


def payments(detector=None, seed: int = 0, rows: int = 800) -> tuple[pl.DataFrame, np.ndarray]:
    """Rows of every type with nulls, of which large ones online are often fraud."""
    rng = np.random.default_rng(seed)
    online = rng.random(rows) < 0.4
    amount = rng.lognormal(3, 1, rows)
    y = rng.random(rows) < np.where(online & (amount > 30), 0.5, 0.01)
    frame = pl.DataFrame(
        {
            "amount": amount,
            "count": pl.Series(rng.integers(0, 9, rows)).cast(pl.Int32),
            "gap": pl.Series(rng.exponential(1e5, rows)).set(
                pl.Series(rng.random(rows) < 0.3), None
            ),
            "new": pl.Series(rng.random(rows) < 0.5).set(pl.Series(rng.random(rows) < 0.2), None),
            "channel": pl.Series(np.where(online, "ecom", "pos")).cast(
                pl.Enum(["atm", "ecom", "pos"])
            ),
            "empty": pl.Series([None] * rows, dtype=pl.Float64),
            "constant": np.ones(rows),
        }
    )
    return (with_keys(frame, rng, seed) if detector and detector.wants_keys else frame), y


def with_keys(frame, rng, seed):
    """Add who takes part: nobody in every fifth row, as a transfer has no merchant."""
    rows = frame.height
    start = seed * 10**12
    some = {
        name: np.where(rng.random(rows) < 0.2, -1, rng.integers(0, 40, rows)) for name in KEYS[3:]
    }
    return frame.with_columns(
        key_row=pl.Series(np.arange(rows) + seed * rows),
        key_time_us=pl.Series(start + np.sort(rng.integers(0, 10**11, rows))),
        key_account=pl.Series(rng.integers(0, 60, rows)),
        **{name: pl.Series(values) for name, values in some.items()},
    )


def built(detector, seed: int = 1):
    return detector.build(seed=seed, info=INFO)


def fitted(detector, seed: int = 1, **options):
    """Fit on the same rows; a ceiling is told that none of what comes is fraud."""
    frame, y = payments(detector, **options)
    return built(detector, seed).fit(frame, y)


def scores(detector, classifier, frame, truth=None):
    """The scores of rows; a ceiling is told the truth about them first."""
    if detector.ceiling:
        classifier.tell(np.zeros(frame.height, bool) if truth is None else truth)
    return classifier.predict_proba(frame)[:, 1]


@every
def test_the_same_seed_gives_the_same_scores(name, detector):
    later, truth = payments(detector, seed=9)
    first, second = (scores(detector, fitted(detector), later, truth) for _ in range(2))
    assert (first == second).all()


@every
def test_probabilities_are_probabilities(name, detector):
    later, truth = payments(detector, seed=9)
    classifier = fitted(detector)
    if detector.ceiling:
        classifier.tell(truth)
    both = classifier.predict_proba(later)
    assert both.shape == (later.height, 2)
    assert both.min() >= 0
    assert both.max() <= 1
    assert np.allclose(both.sum(axis=1), 1)


@every
def test_what_was_given_is_not_changed(name, detector):
    frame, y = payments(detector)
    frame_before, y_before = frame.clone(), y.copy()
    weight = np.ones(y.size)
    classifier = built(detector).fit(frame, y, sample_weight=weight)
    scores(detector, classifier, frame)
    classifier.hear(frame, y)
    assert frame.equals(frame_before)
    assert (y == y_before).all()
    assert (weight == 1).all()


ALONE = {
    "random": "chance goes by the position of a row and nothing else",
    "oracle": "it is told of as many rows as are scored",
}


@every
def test_scores_do_not_depend_on_the_other_rows_scored(name, detector):
    """A detector that peeks at the next row, or ranks within the batch, fails here."""
    if name in ALONE or detector.in_order:
        pytest.skip(ALONE.get(name, "its answers may depend on the rows before: the next test"))
    later, _ = payments(detector, seed=9)
    classifier = fitted(detector)
    whole = classifier.predict_proba(later)[:, 1]
    alone = np.concatenate([classifier.predict_proba(later[i : i + 1])[:, 1] for i in range(30)])
    assert alone == pytest.approx(whole[:30], abs=1e-12)


@those(lambda one: one.in_order)
def test_scores_in_order_depend_on_the_rows_before_and_on_none_after(name, detector):
    """However the future is cut into days, and whatever comes later, a score is the same."""
    later, _ = payments(detector, seed=9, rows=90)
    other, _ = payments(detector, seed=8, rows=90)
    whole = fitted(detector).predict_proba(later)[:, 1]
    by_day = fitted(detector)
    cut = [by_day.predict_proba(later[i : i + 30])[:, 1] for i in range(0, 90, 30)]
    assert np.concatenate(cut) == pytest.approx(whole, abs=1e-5)  # float32 sums
    others = pl.concat([other.drop(KEYS), later.select(KEYS)], how="horizontal")
    another_end = pl.concat([later[:40], others.select(later.columns)[40:]])
    assert fitted(detector).predict_proba(another_end)[:40, 1] == pytest.approx(
        whole[:40], abs=1e-5
    )


@those(lambda one: one.listens)
def test_what_is_heard_changes_the_scores(name, detector):
    if name == "(http)":
        pytest.skip("who listens is the server, whoever tells it: tests/detectors/test_http.py")
    later, truth = payments(detector, seed=9)
    hears, does_not = fitted(detector), fitted(detector)
    hears.hear(later, ~truth)
    assert (hears.predict_proba(later) != does_not.predict_proba(later)).any()


@those(lambda one: not one.listens)
def test_hearing_labels_changes_nothing_for_those_who_do_not_listen(name, detector):
    later, truth = payments(detector, seed=9)
    hears = fitted(detector)
    does_not = fitted(detector) if detector.in_order else hears
    before = scores(detector, does_not, later)
    hears.hear(later, ~truth)
    assert (scores(detector, hears, later) == before).all()


@every
def test_categories_and_nulls_that_were_never_learnt_from_are_scored(name, detector):
    later = payments(detector, seed=9)[0]
    later = later.with_columns(
        channel=pl.lit("atm").cast(later.schema["channel"]), count=pl.lit(None, pl.Int32)
    )
    assert np.isfinite(scores(detector, fitted(detector), later)).all()


@every
def test_one_class_is_refused(name, detector):
    frame, y = payments(detector)
    with pytest.raises(UsageError, match="both classes"):
        built(detector).fit(frame, np.zeros_like(y))


@every
def test_a_column_of_the_truth_is_refused(name, detector):
    frame, y = payments(detector)
    with pytest.raises(UsageError, match="'attack', which is the truth"):
        built(detector).fit(frame.with_columns(attack=pl.lit("x")), y)


@every
def test_scoring_before_fitting_is_refused(name, detector):
    with pytest.raises(NotFittedError):
        built(detector).predict_proba(payments(detector)[0])


@every
def test_scikit_learn_can_clone_what_it_builds(name, detector):
    again = clone(fitted(detector))
    with pytest.raises(NotFittedError):
        again.predict_proba(payments(detector)[0])
    if not name.startswith("("):  # a clone of what was plugged in is another object, not equal
        assert again.get_params() == built(detector).get_params()


wanting_keys = those(lambda one: one.wants_keys)


@wanting_keys
def test_rows_without_keys_of_entities_are_scored(name, detector):
    """A table of somebody may name nobody: only the row and the time are keys then."""
    frame, y = payments(detector)
    later, _ = payments(detector, seed=9)
    bare = FeatureInfo(amount="amount", keys=KEYS[:2])
    classifier = detector.build(seed=1, info=bare)
    classifier.fit(frame.drop(KEYS[2:], strict=False), y)
    assert np.isfinite(scores(detector, classifier, later.drop(KEYS[2:], strict=False))).all()
    assert all(isinstance(note, str) for note in detector.notes(bare))


@those(lambda one: one.wants_keys and one.learns)
def test_rows_that_a_rebalancer_made_do_not_mislead(name, detector):
    """They have no keys: a detector must not take that for the sign of fraud."""
    from sklearn.metrics import roc_auc_score

    frame, y = payments(detector, rows=3000)
    made = frame.filter(pl.Series(y)).with_columns(pl.lit(-1, pl.Int64).alias(key) for key in KEYS)
    classifier = built(detector).fit(
        pl.concat([frame, made, made]), np.concatenate([y, np.ones(2 * made.height, bool)])
    )
    later, truth = payments(detector, seed=9, rows=3000)
    found = scores(detector, classifier, later)
    assert roc_auc_score(truth, found) > 0.85
    assert found.mean() > fitted(detector, rows=3000).predict_proba(later)[:, 1].mean() + 0.02


@learners
def test_other_columns_than_those_learnt_from_are_refused(name, detector):
    frame, _ = payments(detector)
    with pytest.raises(UsageError, match="count"):
        fitted(detector).predict_proba(frame.drop("count"))


@learners
def test_weights_count(name, detector):
    frame, y = payments(detector)
    heavy = built(detector).fit(frame, y, sample_weight=np.where(y, 20.0, 1.0))
    plain = fitted(detector)
    later, _ = payments(detector, seed=9)
    more = scores(detector, heavy, later).mean() - scores(detector, plain, later).mean()
    assert more > (0.02 if detector.probabilities else 0.0)  # margins are put on a log scale


@learners
def test_it_learns_what_is_there_to_learn(name, detector):
    from sklearn.metrics import roc_auc_score

    later, truth = payments(detector, seed=9, rows=3000)
    classifier = fitted(detector, rows=3000)
    assert roc_auc_score(truth, scores(detector, classifier, later)) > 0.85


def test_the_registry_finds_those_that_must_exist():
    """The detectors of an extra are listed whether or not it is installed."""
    assert {
        "amount",
        "balanced_forest",
        "forest",
        "isolation_forest",
        "lightgbm",
        "lightgbm_default",
        "logistic",
        "oracle",
        "random",
        "rules",
        "shallow_tree",
    } <= dict(EVERY).keys()


def test_floors_and_the_ceiling_say_so():
    assert {name for name, one in EVERY if one.floor} == {"amount", "random"}
    assert {name for name, one in EVERY if one.ceiling} == {"oracle"}
