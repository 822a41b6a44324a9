import copy
import re
from html.parser import HTMLParser

import pytest

from fraudsim.leaderboard import leaderboard
from fraudsim.leaderboard.page import CHARTS
from fraudsim.leaderboard.track_results import TITLES

LIMIT_BYTES = 2_000_000
CHARTS_OF_ALL = {
    "standard-v1": (
        "ranks", "curves.precision", "recalls", "dots.money", "curves.unnoticed",
        "bars.calibration", "dots.evenness",
    ),
    "unseen-attack-v1": ("ranks", "dots.unseen", "gaps"),
    "new-attack-v1": ("ranks", "dots.days", "dots.missed", "dots.victims"),
    "drift-v1": ("ranks", "curves.rounds"),
    "few-labels-v1": ("ranks", "curves.labels"),
    "label-delay-v1": ("ranks", "dots.arms"),
    "scale-v1": ("dots.spent", "dots.latency"),
}  # fmt: skip


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def page_of(made_up, value, folder):
    result = leaderboard(made_up.written(folder / "results.json", value), folder / "page.html")
    return result, result.path.read_text()


def test_everything_that_was_run_is_drawn(full):
    expected = {
        f"{name.partition('.')[0]}.{track}{''.join(name.partition('.')[1:])}"
        for track, names in CHARTS_OF_ALL.items()
        for name in names
    }
    assert set(full.charts) == expected


def test_every_track_has_a_section_with_standings_of_every_arm(full, everything):
    text = full.path.read_text()
    assert set(CHARTS) == set(TITLES)
    for title in (*TITLES.values(), "How to make it again"):
        assert f"<h2>{title}</h2>" in text
    arms = sum(len(track["arms"]) for track in everything["tracks"])
    assert text.count('<table class="standing">') == arms
    assert text.count('scope="row"') == len(everything["lines"])


def test_every_chart_has_its_figures_for_readers_without_scripts(full):
    text = full.path.read_text()
    tables = re.findall(r"<noscript><table>", text)
    assert len(tables) == len(full.charts)


def test_the_head_says_what_was_run_and_who_is_best(full, everything):
    text = full.path.read_text()
    (standing,) = [
        one
        for one in everything["standings"]
        if (one["track"], one["metric"]) == ("standard-v1", "average_precision")
    ]
    assert f"{standing['order'][0]} is best by average precision" in text
    for tied in standing["ties_with_best"]:
        assert f"{tied} ties with it" in text
    assert "my_package:Model</b> failed" in text
    assert "ValueError: x &lt; 3 &amp; y" in text
    assert "loses to shallow_tree" in text  # the made-up lightgbm does
    assert everything["command"] in text


def test_the_page_stands_alone(full):
    text = full.path.read_text()
    tags = Tags(text).found
    addresses = [
        value
        for _, attributes in tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data", "poster")
    ]
    assert addresses
    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert not [tag for tag, _ in tags if tag in ("iframe", "img", "object", "embed", "base")]
    (policy,) = [a["content"] for t, a in tags if t == "meta" and "http-equiv" in a]
    assert policy.startswith("default-src 'none';")
    anchors = {attributes["id"] for _, attributes in tags if "id" in attributes}
    assert {address[1:] for address in addresses if address.startswith("#")} <= anchors


def test_the_same_results_give_the_same_bytes(full, made_up, everything, tmp_path):
    again, text = page_of(made_up, everything, tmp_path)
    assert text == full.path.read_text()
    assert again.charts == full.charts
    assert again.bytes == again.path.stat().st_size


def test_a_folder_of_results_will_do(full, tmp_path):
    assert leaderboard(full.path.parent, tmp_path / "again.html").bytes == full.bytes


def test_many_detectors_and_attacks_stay_a_page(made_up, tmp_path):
    names = (*made_up.DETECTORS, *(f"a_detector_with_a_long_name_{n:02d}" for n in range(15)))
    attacks = tuple(f"an_attack_with_a_long_name_{n:02d}" for n in range(25))
    value = made_up.results(detectors=names, attacks=attacks)
    assert page_of(made_up, value, tmp_path)[0].bytes < LIMIT_BYTES


def test_hostile_names_are_text(hostile, made_up):
    text = hostile.path.read_text()
    assert made_up.HOSTILE not in text
    assert "<img" not in text
    # each script that the page has: data, two libraries, what all pages share, and its own
    assert text.count("</script>") == text.count("<script") == 5


@pytest.mark.parametrize("track", CHARTS_OF_ALL)
def test_a_track_alone_is_a_page_that_names_the_others_as_missing(made_up, tmp_path, track):
    result, text = page_of(made_up, made_up.results([track]), tmp_path)
    assert all(f".{track}" in chart for chart in result.charts)
    assert result.charts
    title = TITLES[track.removesuffix("-v1")]
    assert f"<h2>{title}</h2>" in text
    for other in set(TITLES.values()) - {title}:
        assert f"<h2>{other}</h2>" not in text
        assert re.search(f"did not run it: .*{other}", text)


def test_one_world_has_no_ranks_and_says_why(made_up, tmp_path):
    value = made_up.results(["standard-v1"], worlds=1)
    result, text = page_of(made_up, value, tmp_path)
    assert "ranks.standard-v1" not in result.charts
    assert "Mean ranks need at least two worlds; this track was run on 1." in text
    assert "--worlds 1" in text


def test_figures_that_are_missing_are_left_out_with_a_reason(made_up, everything, tmp_path):
    value = copy.deepcopy(everything)
    for line in value["lines"]:
        line |= {"by_round": [], "by_attack": {}, "unnoticed": [], "uneven": {}, "costs": {}}
        line |= {"curve": {"recall": [], "precision": []}}
        line["figures"] = {"roc_auc": {"mean": None, "low": None, "high": None, "worlds": 0}}
    result, text = page_of(made_up, value, tmp_path)
    assert all(chart.startswith("ranks.") for chart in result.charts)
    known = sum(map(len, CHARTS_OF_ALL.values())) + 1  # scale has one world, hence no ranks either
    assert text.count('<p class="absent">') == known - len(result.charts)
    assert "Nobody has an average precision." in text


def test_nothing_run_is_a_page_too(made_up, everything, tmp_path):
    value = everything | {"tracks": [], "lines": [], "standings": [], "trials": 0}
    result, text = page_of(made_up, value, tmp_path)
    assert result.charts == ()
    assert "did not run it: Standard, Unseen attacks" in text


def test_a_track_that_we_do_not_know_has_its_standings(made_up, tmp_path):
    value = made_up.results(["standard-v1"])
    for part in (*value["lines"], *value["standings"]):
        part["track"] = "homemade-v3"
    value["tracks"][0]["name"] = "homemade-v3"
    result, text = page_of(made_up, value, tmp_path)
    assert result.charts == ("ranks.homemade-v3",)
    assert "<h2>homemade-v3</h2>" in text


def test_two_versions_of_a_track_stand_beside_each_other(made_up, tmp_path):
    value = made_up.results(["standard-v1"])
    other = copy.deepcopy(value)
    other["tracks"][0]["name"] = "standard-v2"
    for part in (*other["lines"], *other["standings"]):
        part["track"] = "standard-v2"
    both = {k: value[k] + other[k] for k in ("tracks", "lines", "standings")}
    result, text = page_of(made_up, value | both, tmp_path)
    assert len(result.charts) == 2 * len(CHARTS_OF_ALL["standard-v1"])
    assert 'id="standard"' in text
    assert 'id="standard-2"' in text
