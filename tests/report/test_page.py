import json
import re
from html.parser import HTMLParser

import pytest

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.report import report
from fraudsim.report.chart import Chart, Column, written
from fraudsim.report.document import script_json
from fraudsim.report.page import SECTIONS

LIMIT_BYTES = 1_000_000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text inside <noscript>."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.inside = []
        self.noscript_text = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "noscript":
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if tag == "noscript":
            self.inside.pop()

    def handle_data(self, data):
        if self.inside:
            self.noscript_text.append(data)


def test_the_page_stands_alone(full):
    tags = Elements(full.path.read_text()).tags
    addresses = [
        value
        for _, attributes in tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data", "poster")
    ]
    assert addresses
    assert all(a.startswith(("#", "data:")) for a in addresses)
    assert not [tag for tag, _ in tags if tag in ("iframe", "img", "object", "embed", "base")]
    (policy,) = [a["content"] for t, a in tags if t == "meta" and "http-equiv" in a]
    assert policy == POLICY


def test_the_page_is_small(full):
    assert full.bytes == full.path.stat().st_size
    assert full.bytes < LIMIT_BYTES


def test_the_page_stays_small_where_every_limit_is_met(town, tmp_path):
    many = {f"a_pattern_with_a_long_name_{i:02d}": (("first", "second"), "ecom") for i in range(20)}
    data = town.write_town(tmp_path / "many", payments=2_000, attacks=many)
    benchmark = town.write_benchmark(tmp_path / "benchmark.json", tuple(many))
    assert report(data, out=tmp_path / "r.html", benchmark=benchmark).bytes < LIMIT_BYTES


def test_every_chart_is_there_with_its_figures_for_readers_without_scripts(full):
    elements = Elements(full.path.read_text())
    drawn = [a["data-chart"] for _, a in elements.tags if "data-chart" in a]
    assert sorted(drawn) == sorted(full.charts)
    assert sorted(drawn) == sorted(name for names in SECTIONS.values() for name in names)
    tables = [tag for tag, _ in elements.tags if tag == "table"]
    assert len(tables) == len(drawn) + 1  # and the rows of every table, in the head
    for label in ("Fraud by value (bps)", "Median days to report", "Precision"):
        assert label in elements.noscript_text


def test_the_head_names_the_run(full, dataset):
    text = full.path.read_text()
    for expected in (
        dataset.manifest.digest,
        dataset.manifest.scenario_digest,
        "fraudsim simulate town --seed 11 -o DIR",
        "2025-01-01 to 2025-03-01 (60 days, Europe/London)",
        "transactions",
    ):
        assert expected in text
    assert str(dataset.path) not in text


def test_without_a_benchmark_there_is_no_part_on_detectors(dataset, tmp_path):
    result = report(dataset, out=tmp_path / "report.html")
    assert "curves" not in result.charts
    assert "<h2>Detectors</h2>" not in result.path.read_text()


def test_the_same_dataset_gives_the_same_bytes(full, dataset, benchmark, tmp_path):
    again = report(dataset.path, out=tmp_path / "again.html", benchmark=benchmark)
    assert again.path.read_bytes() == full.path.read_bytes()


def test_script_json_cannot_end_the_script_it_stands_in():
    text = script_json({"a": "</script><!--\u2028\u2029&"})
    assert not re.search("[<>&\u2028\u2029]", text)


def test_hostile_names_are_text(hostile_page, town):
    text = hostile_page.read_text()
    assert town.HOSTILE not in text
    assert "<img" not in text
    # each script that the page has: data, two libraries, what all pages share, and its own
    assert text.count("</script>") == text.count("<script") == 5


def test_absent_figures_are_dashes():
    assert written(None, "count") == "\N{EN DASH}"
    assert written((0.5, None, 1.0), "estimate") == "0.500"
    assert written((0.5, 0.4, 0.6), "estimate") == "0.500 (0.400 to 0.600)"


def test_a_chart_keeps_its_rows_as_they_are():
    chart = Chart("x", "X", "Reads.", "unit", (Column("a", "A", "count"),), [(1,), (2,)])
    assert chart.as_data() == {"columns": [["a", "A", "count"]], "rows": [[1], [2]], "extra": {}}


def test_out_must_be_a_file_in_a_folder_that_is_there(dataset, tmp_path):
    with pytest.raises(UsageError, match="is a folder; give the file to write"):
        report(dataset, out=tmp_path)
    with pytest.raises(UsageError, match="does not exist; make it first"):
        report(dataset, out=tmp_path / "none" / "report.html")


def test_what_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"not a finished fraudsim dataset: no manifest\.json"):
        report(tmp_path, out=tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_bad_benchmark_leaves_the_old_report(dataset, tmp_path):
    out, bad = tmp_path / "report.html", tmp_path / "bad.json"
    out.write_text("old")
    bad.write_text("{}")
    with pytest.raises(UsageError, match=r"bad\.json: not a fraudsim\.benchmark/1 file"):
        report(dataset, out=out, benchmark=bad)
    assert out.read_text() == "old"


def test_results_of_another_dataset_are_refused(dataset, benchmark, tmp_path):
    value = json.loads(benchmark.read_text())
    mine, other = tmp_path / "mine.json", tmp_path / "other.json"
    mine.write_text(json.dumps(value | {"source": {"digest": dataset.manifest.digest}}))
    other.write_text(json.dumps(value | {"source": {"digest": "0" * 64}}))
    assert "curves" in report(dataset, out=tmp_path / "mine.html", benchmark=mine).charts
    with pytest.raises(UsageError, match=r"other\.json: these are results on another dataset"):
        report(dataset, out=tmp_path / "other.html", benchmark=other)


def test_a_report_that_cannot_be_written_leaves_the_old_one_and_nothing_aside(
    dataset, tmp_path, monkeypatch
):
    out = tmp_path / "report.html"
    out.write_text("old")

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(FraudsimError, match=r"report\.html: No space left on device"):
        report(dataset, out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert out.read_text() == "old"
