"""Scores that were made elsewhere are found by row."""

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.base import FeatureInfo
from fraudsim.detectors.kit.resolve import resolve
from fraudsim.errors import UsageError


def fitted(path, past):
    detector = resolve(str(path))
    return detector, detector.build(seed=1, info=past.info).fit(past.with_keys, past.fraud)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["tx_id", "row"])
def test_each_row_has_its_score_in_whatever_order(tmp_path, past, future, ending, name):
    rng = np.random.default_rng(0)
    made = pl.DataFrame({name: future.keys["key_row"], "score": rng.random(future.fraud.size)})
    path = tmp_path / f"theirs.{ending}"
    shuffled = made.sample(fraction=1.0, shuffle=True, seed=1)
    shuffled.write_csv(path) if ending == "csv" else shuffled.write_parquet(path)
    detector, classifier = fitted(path, past)
    scores = classifier.predict_proba(future.with_keys)[:, 1]
    assert scores == pytest.approx(made["score"].to_numpy(), abs=1e-15)
    assert (detector.name, detector.learns, detector.probabilities) == ("theirs", False, True)
    assert detector.notes(past.info) == ()


def test_rows_without_a_score_are_approved_and_counted(tmp_path, past, future):
    path = tmp_path / "few.csv"
    pl.DataFrame({"row": future.keys["key_row"][:100], "score": [0.7] * 100}).write_csv(path)
    detector, classifier = fitted(path, past)
    assert (classifier.predict_proba(future.with_keys)[:, 1] > 0).sum() == 100
    assert detector.notes(past.info) == (
        "few: 1,400 of 1,500 rows have no score in few.csv and count as approved (score 0)",
    )


def test_scores_of_any_size_keep_their_order(tmp_path, past, future):
    path = tmp_path / "points.csv"
    points = np.arange(-700.0, 800.0)
    pl.DataFrame({"row": future.keys["key_row"], "score": points}).write_csv(path)
    detector, classifier = fitted(path, past)
    assert not detector.probabilities
    assert (np.diff(classifier.predict_proba(future.with_keys)[:, 1]) > 0).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,score\n1,0.5\n", r"tx_id \(or row\) is missing; .* has id, score"),
        ("row,points\n1,0.5\n", "the column score is missing"),
        ("row,score\n1,0.5\n1,0.6\n", "row 1 stands there more than once"),
        ("row,score\n1,0.5\n2,\n", "1 of 2 scores are empty or no number"),
        ("row,score\n1,0.5\n2,NaN\n", "1 of 2 scores are empty or no number"),
        ("row,score\n1,0.5\n2,inf\n", "1 of 2 scores are empty or no number"),
        ("row,score\n1,high\n", "score should be numbers"),
        ("row,score\na,0.5\n", "row should be whole numbers"),
        ("row,score\n1.5,0.5\n", "row should be whole numbers"),
        ("", "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path, content, message):
    path = tmp_path / "wrong.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=f"wrong.csv: .*{message}|wrong.csv: {message}"):
        resolve(str(path))


def test_garbage_is_no_parquet(tmp_path):
    path = tmp_path / "wrong.parquet"
    path.write_bytes(b"PAR1garbage")
    with pytest.raises(UsageError, match="cannot be read"):
        resolve(str(path))


def test_features_without_keys_are_refused(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("row,score\n1,0.5\n", encoding="utf-8")
    with pytest.raises(UsageError, match="'key_row', which these features lack"):
        resolve(str(path)).build(seed=1, info=FeatureInfo())
