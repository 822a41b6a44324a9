import copy
import json
import math

import pytest

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.leaderboard import leaderboard
from fraudsim.leaderboard.results import read_results


@pytest.fixture(scope="module")
def small(made_up):
    return made_up.results(["standard-v1"], detectors=("random", "logistic"))


def message(path):
    with pytest.raises(UsageError) as caught:
        leaderboard(path, path.with_name("page.html"))
    assert not path.with_name("page.html").exists()
    text = str(caught.value)
    assert "\n" not in text
    return text


def changed(value, keys, new):
    """A copy with the value at a path of keys replaced."""
    found = copy.deepcopy(value)
    part = found
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = new
    return found


def test_what_the_benchmark_writes_is_read(made_up, small, tmp_path):
    found = read_results(made_up.written(tmp_path / "results.json", small))
    assert [line.name for line in found.lines] == ["random", "logistic"]
    assert found.lines[0].floor


def test_a_file_that_is_not_there_is_named(tmp_path):
    text = message(tmp_path / "none.json")
    assert "cannot be read" in text
    assert "fraudsim benchmark --track" in text
    assert "results.json: cannot be read" in message_of_folder(tmp_path)


def message_of_folder(folder):
    with pytest.raises(UsageError) as caught:
        leaderboard(folder, folder / "page.html")
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"trials": ' + b"9" * 5000 + b"}", b"PAR1\0\0"],
)
def test_what_is_no_json_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "results.json"
    path.write_bytes(content)
    assert "not JSON" in message(path)


@pytest.mark.parametrize("value", [[], None, "text", {}, {"format": "fraudsim.benchmark/1"}])
def test_another_file_is_refused(made_up, tmp_path, value):
    assert "not a fraudsim.tracks/1 file" in message(
        made_up.written(tmp_path / "results.json", value)
    )


@pytest.mark.parametrize(
    ("keys", "new", "says"),
    [
        (("format",), "fraudsim.tracks/9", "format: "),
        (("trials",), -1, "trials: "),
        (("trials",), "7", "trials: "),
        (("failed",), {"x": 3}, "failed.x: "),
        (("warnings",), [1], "warnings.0: "),
        (("tracks", 0, "name"), "<script>-v1", "tracks.0.name: "),
        (("tracks", 0, "name"), "standard-v1\n", "tracks.0.name: "),
        (("lines", 0, "figures", "average_precision", "mean"), math.nan, "finite"),
        (("lines", 0, "figures", "average_precision", "mean"), math.inf, "finite"),
        (("lines", 0, "figures", "average_precision", "mean"), 10**400, "mean: "),
        (("lines", 0, "figures", "average_precision", "mean"), "0.5", "mean: "),
        (("lines", 0, "curve", "recall"), [0.5], "recall has 1 points"),
        (("lines", 0, "curve", "recall"), [2.0], "lines.0.curve.recall.0: "),
        (("lines", 0, "detector"), "\ud800", "surrogates not allowed"),
        (("lines", 0, "uneven"), {"age": {"\ud800": 0.1}}, "surrogates not allowed"),
        (("lines", 0, "track"), "drift-v1", "the tracks have no arm"),
        (("lines", 0, "arm"), "another\n", "the tracks have no arm 'another\\n'"),
        (("lines", 0, "detector"), "logistic", "lines: 2 of 'logistic'"),
        (("standings", 0, "order"), ["nobody"], "standings: 'nobody' has no line"),
        (("standings", 1, "metric"), "average_precision", "standings: 2 of "),
    ],
)
def test_a_mistake_is_named_with_its_place(made_up, small, tmp_path, keys, new, says):
    path = made_up.written(tmp_path / "results.json", changed(small, keys, new))
    assert says in message(path)


def test_two_tracks_of_one_name_are_refused(made_up, small, tmp_path):
    value = small | {"tracks": small["tracks"] * 2}
    path = made_up.written(tmp_path / "results.json", value)
    assert "two tracks have the same name" in message(path)


def test_what_is_not_known_to_us_is_passed_over(made_up, small, tmp_path):
    value = changed(small | {"new_key": {"a": 1}}, ("lines", 0, "more"), [1])
    made_up.written(tmp_path / "results.json", value)
    assert leaderboard(tmp_path, tmp_path / "page.html").charts


def test_every_number_may_be_wild_and_the_page_is_written(made_up, small, tmp_path):
    """Finite, and nothing else that we would expect."""
    text = json.dumps(small)
    for wild in ("-1e300", "1e300", "0", "-0.0", "1e-320"):
        figures = json.loads(text)
        for line in figures["lines"]:
            parts = (line["costs"], *line["by_attack"].values(), *line["by_round"])
            for part in (*line["figures"].values(), *parts):
                part.update(dict.fromkeys(part, float(wild)))
        made_up.written(tmp_path / "results.json", figures)
        assert leaderboard(tmp_path, tmp_path / "page.html").bytes


def test_out_must_be_a_file_in_a_folder_that_is_there(made_up, small, tmp_path):
    path = made_up.written(tmp_path / "results.json", small)
    with pytest.raises(UsageError, match="is a folder"):
        leaderboard(path, tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        leaderboard(path, tmp_path / "none" / "page.html")


def test_a_page_that_cannot_be_written_leaves_the_old_one(made_up, small, tmp_path, monkeypatch):
    path = made_up.written(tmp_path / "results.json", small)
    out = tmp_path / "page.html"
    out.write_text("old")

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(FraudsimError, match="No space left on device"):
        leaderboard(path, out)
    assert out.read_text() == "old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["page.html", "results.json"]
