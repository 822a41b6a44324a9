"""What a detector is shown in a benchmark: the rebalanced past, then the future as it was."""

import numpy as np
import polars as pl
import pytest

from fraudsim.benchmark import benchmark
from fraudsim.detectors import lightgbm
from fraudsim.detectors.base import FeatureInfo, FraudClassifier
from fraudsim.examples import examples_of_dataset
from fraudsim.rebalancers.base import make_rebalancer
from fraudsim.rebalancers.kit.generating import Generates
from fraudsim.registry import DETECTORS, REBALANCERS, discover
from fraudsim.splits import TimeSplit

ROWS, PAST = 1000, 700
FRAUD = np.arange(ROWS) % 25 == 3
TELL_REAL_MARKS = sorted(
    name
    for name, cls in discover(REBALANCERS).items()
    if not issubclass(cls, Generates) and not cls.needs_world
)
"""Not those that learn a model: a mark that they make is whole, so it looks like a real one; and
not those that take frauds from a world, which this table has not."""

COLUMNS = {"label": "fraud", "time": "t", "amount": "paid"}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Rows whose column ``mark`` says where in time they stand."""
    path = tmp_path_factory.mktemp("leaks") / "own.parquet"
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "t": np.arange(ROWS, dtype=np.float64),
            "mark": np.arange(ROWS, dtype=np.float64),
            "paid": rng.lognormal(3, 1, ROWS),
            "fraud": FRAUD,
        }
    )
    frame.sample(fraction=1.0, shuffle=True, seed=1).write_parquet(path)
    return path


class Spy(FraudClassifier):
    """Remembers the marks of all rows that it is fitted on and asked about."""

    def __init__(self, seen):
        self.seen = seen

    def _fit(self, frame, fraud, weight):
        self.seen["fitted"] = frame["mark"].to_numpy()
        self.seen["labels"] = fraud
        self.seen["weight"] = weight

    def _score(self, frame):
        self.seen["asked"] = frame["mark"].to_numpy()
        return np.linspace(0, 1, frame.height)


@pytest.fixture
def seen(monkeypatch):
    """What the detector ``lightgbm`` sees, with a spy in its place."""
    marks = {}

    def build(self, *, seed, info):
        return Spy(marks)

    monkeypatch.setattr(lightgbm.LightGBM, "build", build)
    return marks


@pytest.mark.parametrize("rebalancer", TELL_REAL_MARKS)
def test_only_the_past_is_rebalanced_and_the_future_stays_as_it_is(table, seen, rebalancer):
    benchmark(table, **COLUMNS, detectors=["lightgbm"], rebalancers=[rebalancer])
    assert seen["fitted"].max() < PAST
    assert seen["asked"].tolist() == list(range(PAST, ROWS))
    real = seen["fitted"] == np.rint(seen["fitted"])
    assert (seen["labels"][real] == FRAUD[seen["fitted"][real].astype(int)]).all()


def test_weights_reach_the_detector(table, seen):
    benchmark(table, **COLUMNS, detectors=["lightgbm"], rebalancers=["class_weight"], ratio=0.5)
    fraud = seen["labels"]
    ratio = seen["weight"][fraud].sum() / seen["weight"][~fraud].sum()
    assert ratio == pytest.approx(0.5)


def test_labels_that_were_reported_after_the_cut_are_not_learnt_from(bank):
    """Moving every later report does not change a single row of any training set."""
    examples = examples_of_dataset(bank)
    split = TimeSplit().apply(examples)
    cut = pl.lit(split.fitted_at_us).cast(pl.Datetime("us", "UTC"))
    late = bank.frames["labels"].with_columns(
        reported_at=pl.when(pl.col("reported_at") >= cut).then(None).otherwise("reported_at")
    )
    moved = examples_of_dataset(bank.with_table("labels", late))
    again = TimeSplit().apply(moved)
    assert late["reported_at"].null_count() > bank.frames["labels"]["reported_at"].null_count()
    assert (split.known_fraud == again.known_fraud).all()
    assert (split.train == again.train).all()
    assert (split.test == again.test).all()


# Probabilities of what does not learn


@pytest.mark.parametrize(
    "name",
    # the ceiling is told the truth itself: tests/detectors has it
    [n for n, cls in discover(DETECTORS).items() if not cls.learns and not cls.ceiling],
)
def test_what_does_not_learn_from_labels_says_so_rightly(name):
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"amount": rng.lognormal(3, 1, 200)})
    fraud = rng.random(200) < 0.2
    build = discover(DETECTORS)[name]().build
    info = FeatureInfo(amount="amount")
    one, two = (
        build(seed=1, info=info).fit(frame, labels).predict_proba(frame)
        for labels in (fraud, ~fraud)
    )
    assert (one == two).all()


def test_scores_that_rebalancing_does_not_shift_are_not_corrected(table):
    result = benchmark(
        table, **COLUMNS, detectors=["amount"], rebalancers=["none", "class_weight"], ratio=1.0
    )
    metrics = [row.metrics for row in result.rows if row.detector == "amount"]
    assert len(metrics) == 2
    assert metrics[0] == metrics[1]
    assert "brier" not in metrics[0]  # an order is no probability


@pytest.mark.parametrize("name", ["random_under", "class_weight"])
def test_a_rebalancer_and_its_correction_give_back_the_share_of_fraud(name):
    """The mean probability of a calibrated model, corrected, is the share there was before."""
    from fraudsim.detectors.logistic import LogisticClassifier
    from fraudsim.metrics import prior_corrected

    rng = np.random.default_rng(1)
    x = rng.normal(size=20_000)
    fraud = rng.random(x.size) < 1 / (1 + np.exp(5 - x))
    frame = pl.DataFrame({"x": x})
    made = make_rebalancer(name, ratio=1.0, seed=1).rebalance(frame, fraud)
    model = LogisticClassifier().fit(made.features, made.fraud, sample_weight=made.weight)
    score = model.predict_proba(frame)[:, 1]
    odds = fraud.sum() / (~fraud).sum()
    assert score.mean() > 10 * fraud.mean()
    corrected = prior_corrected(score, learnt_odds=1.0, true_odds=odds)
    assert corrected.mean() == pytest.approx(fraud.mean(), rel=0.1)
