import json

import pytest

from fraudsim.errors import UsageError
from fraudsim.report.results import curves, metrics, read_results, recalls, result_charts


def written(tmp_path, value):
    path = tmp_path / "benchmark.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def row(**changes):
    return {
        "detector": "rules",
        "rebalancer": "none",
        "metrics": {"average_precision": 0.5},
    } | changes


def file_of(*rows):
    return {"format": "fraudsim.benchmark/1", "source": "x", "seed": 1, "split": {}, "rows": rows}


def test_results_are_drawn_best_first(benchmark):
    chart = metrics(read_results(benchmark))
    precision = [line[2][0] for line in chart.rows]
    assert precision == sorted(precision, reverse=True)
    assert chart.rows[0][2] == (0.7, 0.67, 0.73)
    assert "0.700" in chart.reading
    assert "lightgbm" in chart.reading


def test_curves_are_thinned_and_keep_their_ends(benchmark):
    rows = curves(read_results(benchmark)).rows
    one = [line[2] for line in rows if line[:2] == ("lightgbm", "smotenc")]
    assert 50 < len(one) <= 81
    assert (one[0], one[-1]) == (0.0, 1.0)
    assert one == sorted(one)


def test_the_hardest_attack_is_named(benchmark):
    chart = recalls(read_results(benchmark))
    assert chart.reading.startswith("card_testing is the hardest to find")
    assert len(chart.rows) == 9 * 4


def test_what_is_not_a_number_is_shown_as_absent(tmp_path):
    text = json.dumps(file_of(row(metrics={"average_precision": float("nan")})))
    assert "NaN" in text
    (chart, *_) = result_charts(read_results(written(tmp_path, text)))
    assert chart.rows == [("rules", "none", None)]


def test_results_without_curves_or_attacks_have_nothing_to_draw_there(tmp_path):
    charts = {c.name: c for c in result_charts(read_results(written(tmp_path, file_of(row()))))}
    assert charts["metrics"].rows
    assert not charts["curves"].rows
    assert not charts["recalls"].rows


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([], "the whole: input should be a mapping"),
        (
            {"format": "x/9", "rows": []},
            "format: input should be 'fraudsim.benchmark/1', not 'x/9'",
        ),
        ({"format": "fraudsim.benchmark/1"}, "rows: the key is missing"),
        (file_of({"detector": "rules"}), "rows.0.rebalancer: the key is missing"),
        (file_of(row(metrics={"a": "b"})), "rows.0.metrics.a"),
        (file_of(row(curve={"recall": [0, 1], "precision": [1]})), "recall has 2 points"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong_in_it(tmp_path, value, message):
    path = written(tmp_path, value)
    with pytest.raises(UsageError) as error:
        read_results(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_results(tmp_path / "none.json")
