"""Comparisons of rebalancers: paired, fair to ties, whole or resumed, and honest about failures."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from fraudsim import compare_rebalancers
from fraudsim.comparison import trial as trial_module
from fraudsim.comparison.paired import differences
from fraudsim.comparison.shown import text_lines
from fraudsim.comparison.trial import COMPARED, Trial
from fraudsim.comparison.verdict import verdict
from fraudsim.errors import UsageError
from fraudsim.rebalancers.smote import Smote

ROWS = 3000
COLUMNS = {"label": "fraud", "time": "t", "amount": "paid", "entity": ["card"]}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Payments of 300 cards; large ones online are often fraud, of one of two kinds."""
    rng = np.random.default_rng(3)
    paid = rng.lognormal(3, 1, ROWS)
    online = rng.random(ROWS) < 0.4
    fraud = rng.random(ROWS) < np.where(online & (paid > 30), 0.25, 0.005)
    path = tmp_path_factory.mktemp("comparison") / "own.parquet"
    pl.DataFrame(
        {
            "t": np.arange(ROWS) * 600.0,
            "card": rng.integers(0, 300, ROWS),
            "paid": paid,
            "channel": np.where(online, "ecom", "pos"),
            "gap": pl.Series(rng.exponential(10, ROWS)).set(
                pl.Series(rng.random(ROWS) < 0.2), None
            ),
            "kind": pl.Series(np.where(paid > 60, "spree", "test")).set(pl.Series(~fraud), None),
            "fraud": fraud,
        }
    ).write_parquet(path)
    return path


def compared(table, **settings):
    return compare_rebalancers(
        table,
        **COLUMNS,
        **{"detector": "logistic", "seeds": 2, "replicates": 60, **settings},
    )


METHODS = ["smote", "random_over", "random_over by kind", "near_miss"]


@pytest.fixture(scope="module")
def result(table):
    return compared(table, methods=METHODS)


MINE = """
from typing import ClassVar
import numpy as np
from fraudsim.detectors.base import Detector, FraudClassifier

class MetBefore(Detector):
    name: ClassVar[str] = "met_before"
    summary: ClassVar[str] = "by amount, less on cards that were seen on a day before"
    wants_keys: ClassVar[bool] = True
    in_order: ClassVar[bool] = True

    def build(self, *, seed, info):
        assert "key_card" in info.keys
        return MetBeforeClassifier()

class MetBeforeClassifier(FraudClassifier):
    def _fit(self, frame, fraud, weight):
        self.met = set(frame["key_card"])

    def _score(self, frame):
        seen = np.array([card in self.met for card in frame["key_card"]])
        self.met |= set(frame["key_card"])
        return np.clip(frame["paid"].to_numpy() / 1000, 0, 1) * np.where(seen, 0.5, 1.0)
"""


def test_a_detector_from_outside_is_handed_its_rows_as_in_the_benchmark(table, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    result = compared(table, detector=str(tmp_path / "mine.py"), methods=["random_over"], seeds=1)
    assert result.detector == "met_before"
    assert result.failed == {}
    assert all(one.metrics["average_precision"] > 0.05 for one in result.methods)


def test_the_oracle_is_refused(table):
    with pytest.raises(UsageError, match="oracle is told the truth"):
        compared(table, detector="oracle")


def test_the_baselines_come_first_and_every_method_is_there(result):
    names = [one.method for one in result.methods]
    assert names[:2] == ["none", "class_weight"]
    assert sorted(names[2:]) == sorted(METHODS)
    assert result.failed == {}
    assert result.seeds == (1, 2)


def test_each_method_has_what_was_promised(result):
    for one in result.methods:
        for name in (*COMPARED, *(f"{n}_{e}" for n in ("brier", "log_loss") for e in ("raw",))):
            assert one.metrics[name] is not None, name
        assert set(one.to_none) == (set() if one.method == "none" else set(COMPARED))
        assert set(one.to_class_weight) == (
            set() if one.method == "class_weight" else set(COMPARED)
        )
        assert len(one.per_seed) == 2
        assert one.made == (0 if one.method in ("none", "class_weight", "near_miss") else one.made)
    smote = next(one for one in result.methods if one.method == "smote")
    assert smote.made > 0
    assert smote.frauds == pytest.approx(0.1 * (smote.rows - smote.frauds), rel=0.05)


def test_the_means_are_those_of_the_seeds_and_differences_those_of_the_means(result):
    none = result.methods[0]
    for one in result.methods[1:]:
        mean = np.mean([seed["average_precision"] for seed in one.per_seed])
        assert one.metrics["average_precision"] == pytest.approx(mean, rel=1e-5)
        difference = one.to_none["average_precision"]
        assert difference.mean == pytest.approx(mean - none.metrics["average_precision"], abs=1e-5)
        assert difference.low <= difference.mean <= difference.high


def test_prior_correction_mends_what_resampling_breaks(result):
    near_miss = next(one for one in result.methods if one.method == "near_miss")
    assert near_miss.metrics["log_loss"] < near_miss.metrics["log_loss_raw"]
    assert near_miss.metrics["log_loss_isotonic"] is not None
    none = result.methods[0]
    assert none.metrics["brier"] == pytest.approx(none.metrics["brier_raw"], rel=1e-6)


def test_the_same_call_gives_the_same_but_for_the_clock(table, result):
    def timeless(one):
        value = one.as_dict()
        for method in value["methods"]:
            del method["seconds_rebalance"], method["seconds_fit"]
        return value

    assert timeless(compared(table, methods=METHODS)) == timeless(result)


def test_the_column_of_the_kind_is_not_learnt_from_when_it_tells_the_truth(table):
    """With it, the ranking would be perfect."""
    found = compared(table, methods=["random_over by kind"], recalibrate=False)
    by_kind = next(one for one in found.methods if one.method == "random_over by kind")
    assert by_kind.metrics["average_precision"] < 0.9


def test_a_method_that_fails_is_named_and_the_others_go_on(table, monkeypatch):
    def broken(self, frame, fraud, wanted):
        raise ValueError("no such\nneighbour")

    monkeypatch.setattr(Smote, "_added", broken)
    found = compared(table, methods=["smote", "random_over"], recalibrate=False)
    assert dict(found.failed) == {"smote": "no such neighbour"}
    assert [one.method for one in found.methods] == ["none", "class_weight", "random_over"]
    assert "failed: smote: no such neighbour" in list(text_lines(found))


def test_a_mistake_in_the_code_is_not_taken_for_a_failure(table, monkeypatch):
    def broken(self, frame, fraud, wanted):
        raise TypeError("a mistake")

    monkeypatch.setattr(Smote, "_added", broken)
    with pytest.raises(TypeError, match="a mistake"):
        compared(table, methods=["smote"], recalibrate=False)


def test_a_killed_comparison_goes_on_where_it_was(table, tmp_path, monkeypatch):
    out = tmp_path / "r.json"
    settings = {"methods": ["smote"], "recalibrate": False, "out": out}
    whole = compared(table, **settings)
    assert not (tmp_path / "r.json.trials").exists()
    written = json.loads(out.read_text())
    assert written["verdict"] == whole.verdict

    ran = []
    real = trial_module.run_trial

    def counted(course, rebalancer, seed, by):
        ran.append((rebalancer.name, seed))
        if len(ran) == 4:
            raise KeyboardInterrupt
        return real(course, rebalancer, seed, by)

    monkeypatch.setattr(trial_module, "run_trial", counted)
    with pytest.raises(KeyboardInterrupt):
        compared(table, **settings)
    assert json.loads(out.read_text()) == written  # the earlier file stays until all is done
    resumed = compared(table, **settings)
    assert ran[4:] == [("class_weight", 2), ("smote", 1), ("smote", 2)]
    assert resumed.verdict == whole.verdict
    assert [one.metrics for one in resumed.methods] == [one.metrics for one in whole.methods]


def test_other_settings_do_not_take_trials_of_earlier_ones(table, tmp_path, monkeypatch):
    from fraudsim.comparison.store import Store

    done = Trial({}, {}, 1, 1, 0, 0.0, 0.0)
    store = Store.beside(tmp_path / "r.json", {"budget": 1})
    store.put("smote", {"ratio": 0.1, "seed": 1}, done)
    assert store.get("smote", {"ratio": 0.1, "seed": 1}) == done
    assert store.get("smote", {"ratio": 0.2, "seed": 1}) is None
    other = Store.beside(tmp_path / "r.json", {"budget": 2})
    assert other.get("smote", {"ratio": 0.1, "seed": 1}) is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"methods": ["smotnec"]}, "unknown rebalancer 'smotnec'; did you mean 'smotenc'"),
        ({"methods": "smote"}, "a list of methods was expected, not the text 'smote'"),
        ({"detector": "lightgmb"}, "did you mean 'lightgbm'"),
        ({"seeds": 0}, "seeds must be at least 1, not 0"),
        ({"replicates": 1}, "replicates must be at least 2, not 1"),
        ({"budget": 0}, "budget must be at least 1"),
    ],
)
def test_what_is_wrong_is_said(table, settings, message):
    with pytest.raises(UsageError, match=message):
        compared(table, **settings)


# Intervals and verdicts, on trials that are made up


def made_up(values: np.ndarray) -> list[Trial]:
    """One trial per row of ``values``, which are replicates of average precision."""
    return [
        Trial(
            {"average_precision": float(row.mean())},
            {"average_precision": row.tolist()},
            *(100, 10, 0, 0.0, 0.0),
        )
        for row in values
    ]


def test_what_differs_by_noise_is_a_tie_and_what_differs_by_more_is_not():
    rng = np.random.default_rng(0)
    shared = rng.normal(0.7, 0.05, (3, 400))  # which accounts were drawn moves all alike
    trials = {
        "none": made_up(shared),
        "noise": made_up(shared + rng.normal(0, 0.01, shared.shape)),
        "better": made_up(shared + 0.05 + rng.normal(0, 0.01, shared.shape)),
        "worse": made_up(shared - 0.05 + rng.normal(0, 0.01, shared.shape)),
        "same": made_up(shared),
    }
    found = differences(trials, "none")
    verdicts = {name: one["average_precision"].verdict for name, one in found.items()}
    assert verdicts == {"noise": "tie", "better": "better", "worse": "worse", "same": "tie"}
    better = found["better"]["average_precision"]
    assert better.high - better.low < 0.06  # paired: far narrower than the values themselves


def test_twenty_methods_that_do_nothing_are_twenty_ties_in_most_comparisons():
    """Intervals hold for all methods at once: a false winner in one of twenty comparisons."""
    wrong = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        shared = rng.normal(0.7, 0.05, (1, 300))
        trials = {"none": made_up(shared)}
        for method in range(20):
            # the true difference is 0, the one measured is drawn with the spread of the replicates
            error = rng.normal(0, 0.02)
            trials[f"m{method}"] = made_up(shared + error + rng.normal(0, 0.02, shared.shape))
        found = differences(trials, "none")
        wrong += any(one["average_precision"].verdict != "tie" for one in found.values())
    assert wrong <= 9  # 3 are expected; 60 draws of 5 % pass 9 once in a thousand times


def test_the_verdict_is_one_sentence_and_names_who_wins():
    rng = np.random.default_rng(0)
    shared = rng.normal(0.7, 0.05, (2, 200))
    noise = lambda: rng.normal(0, 0.01, shared.shape)  # noqa: E731 -- one line, three times
    trials = {
        "none": made_up(shared),
        "class_weight": made_up(shared + 0.1 + noise()),
        "smote": made_up(shared + 0.1 + noise()),
        "near_miss": made_up(shared - 0.2 + noise()),
    }
    to_none, to_weights = (differences(trials, name) for name in ("none", "class_weight"))
    said = verdict(to_none, to_weights, "lightgbm")
    assert said.startswith("For lightgbm, class_weight and smote beat leaving the rows as they are")
    assert "not class_weight" in said
    assert said.endswith("near_miss is worse.")
    ties = {name: trials[name] for name in ("none", "near_miss")}
    said = verdict(differences(ties, "none"), {}, "lightgbm")
    assert said == (
        "For lightgbm, no method beats leaving the rows as they are in average precision: "
        "near_miss is worse."
    )
