"""The frame: verdicts, exit codes, what is printed and written; nothing passes silently."""

import json
import math
import re

import polars as pl
import pytest

from fraudsim import cli
from fraudsim.errors import UsageError
from fraudsim.quality import audit as frame
from fraudsim.quality.audit import audit
from fraudsim.quality.check import GROUPS, Band, CannotCheckError, Check, Measurement
from fraudsim.quality.discovery import discover


@pytest.fixture
def table(toys, tmp_path):
    path = tmp_path / "clean.parquet"
    toys.clean(rows=6_000, customers=150, victims=100).write_parquet(path)
    return path


def with_checks(monkeypatch, *measures):
    """Put these in the place of the checks."""
    checks = tuple(
        Check("invariants", f"toy{number}", "?", measure) for number, measure in enumerate(measures)
    )
    monkeypatch.setattr(frame, "discover", lambda: checks)


def test_names_of_checks_are_unique_and_of_their_group():
    checks = discover()
    names = [(check.group, check.name) for check in checks]
    assert len(set(names)) == len(names)
    assert {check.group for check in checks} <= set(GROUPS)
    assert all(check.question.endswith("?") for check in checks)


def test_every_verdict(monkeypatch, table, clean_map):
    def measure(subject):
        yield Measurement("toy0_low", 1.0, "one", Band(0.0, 2.0, "test"))
        yield Measurement("toy0_near", 1.9, "near", Band(0.0, 2.0, "test", warn_high=1.5))
        yield Measurement("toy0_far", 3.0, "far", Band(0.0, 2.0, "test"))
        yield Measurement("toy0_none", float("nan"), "no number", Band(0.0, 2.0, "test"))
        yield Measurement("toy0_open", 3.0, "open")
        raise CannotCheckError("and no more")

    with_checks(monkeypatch, measure)
    result = audit(table, map=clean_map)
    assert [f.verdict for f in result.findings] == [
        *("pass", "warn", "fail", "fail", "info", "not_made")
    ]
    assert result.counts == {"fail": 2, "warn": 1, "pass": 1, "info": 1, "not_made": 1}
    assert "toy0_far, invariants.toy0_none" in result.complaint
    assert json.loads(json.dumps(result.as_dict()))["findings"][3]["value"] is None


def test_a_bug_in_a_check_is_not_hidden(monkeypatch, table, clean_map):
    def measure(subject):
        raise ZeroDivisionError
        yield

    with_checks(monkeypatch, measure)
    with pytest.raises(ZeroDivisionError):
        audit(table, map=clean_map)


def test_the_command_prints_a_table_and_exits_with_3(toys, table, clean_map, tmp_path, capsys):
    arguments = ["audit", str(table), "--map", str(clean_map), "--only", "invariants", "--quiet"]
    assert cli.main(arguments) == 0
    out = capsys.readouterr().out
    assert re.search(r"pass +0 +at most 0 +keys: 0 of ", out)
    assert "not made" in out
    assert re.search(r"0 failed, 0 warned, \d+ passed, 0 without a band, [1-9]\d* not made", out)

    broken = tmp_path / "broken.parquet"
    toys.clean(rows=6_000, customers=150, victims=100).with_columns(id=pl.lit(7)).write_parquet(
        broken
    )
    arguments[1] = str(broken)
    assert cli.main(arguments) == 3
    said = capsys.readouterr()
    assert said.err == "fraudsim: error: broken.parquet (clean): 1 check failed: invariants.keys\n"
    assert re.search(r"FAIL +\d", said.out)


def test_json_has_every_finding(table, clean_map, tmp_path, capsys):
    arguments = ["audit", str(table), "--map", str(clean_map), "--only", "invariants", "--quiet"]
    out = tmp_path / "audit.json"
    assert cli.main([*arguments, "--json", "-o", str(out), "--seed", "5"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value == json.loads(out.read_text())
    assert value["format"] == "fraudsim.audit/1"
    assert value["bands_version"] == 1
    assert value["seed"] == 5
    assert value["source"]["sha256"]
    assert {"id", "verdict", "value", "band", "interval", "sentence", "detail"} == set(
        value["findings"][0]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--map", "sparkow"], "no map 'sparkow'; did you mean 'sparkov'?"),
        ([], "say what its columns mean (--map NAME or --map map.yaml)"),
        (["--map", "ulb", "--only", "shortcut"], "did you mean 'shortcuts'?"),
        (["--map", "ulb", "-o", "x.pdf"], "give a file that ends in .html or .json"),
        (["--map", "ulb", "--bands", "none.yaml"], "none.yaml: cannot be read"),
        (["--map", "ulb"], "has no column 'Time', which the map 'ULB credit cards' takes for"),
    ],
)
def test_bad_usage_is_one_line(table, arguments, message, capsys):
    assert cli.main(["audit", str(table), *arguments, "--quiet"]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_a_map_for_a_dataset_is_refused(tiny_world):
    with pytest.raises(UsageError, match="is a fraudsim dataset, which needs no --map"):
        audit(tiny_world.path, map="ulb")


# The page

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>&\u202e"


@pytest.fixture
def hostile_page(toys, tmp_path, clean_map, monkeypatch):
    """The page of a table whose every text is hostile."""
    table = toys.clean(rows=6_000, customers=150, victims=100).with_columns(
        kind=pl.lit(HOSTILE) + pl.col("kind"), device=pl.lit(HOSTILE)
    )
    path = tmp_path / "a <b> & c.parquet"
    table.write_parquet(path)
    text = clean_map.read_text().replace("name: clean", f"name: '{HOSTILE}'")
    (tmp_path / "hostile.yaml").write_text(text)

    def measure(subject):
        value = subject.payments["category"][0]
        yield Measurement("toy0", 1.0, f"says {value}", Band(0, 2, value), {value: [value]})

    with_checks(monkeypatch, measure)
    audit(path, map=tmp_path / "hostile.yaml", out=tmp_path / "page.html")
    return (tmp_path / "page.html").read_text(encoding="utf-8")


def test_what_comes_from_data_is_escaped(hostile_page):
    assert "&lt;script&gt;" in hostile_page
    body = hostile_page.partition("</style>")[2]
    assert set(re.findall(r"<(\w+)", body)) <= {
        *(
            "head",
            "body",
            "header",
            "main",
            "nav",
            "footer",
            "section",
            "div",
            "p",
            "a",
            "h1",
            "h2",
        ),
        *("dl", "dt", "dd", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"),
        *("span", "code", "pre"),
    }
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", body)


def test_the_page_stands_alone_and_is_small(table, clean_map, tmp_path):
    out = tmp_path / "page.html"
    audit(table, map=clean_map, only=("invariants",), out=out)
    page = out.read_text(encoding="utf-8")
    assert len(page) < 1_000_000
    assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_a_dataset_of_ours_is_opened_whole(tiny_world):
    result = audit(tiny_world, only=("invariants",))
    assert result.source["digest"] == tiny_world.digest
    assert result.complaint == ""
    assert result.counts["pass"] >= 8


@pytest.mark.parametrize(
    ("value", "interval", "verdict"),
    [
        (0.5, None, "pass"),
        (0.9, None, "fail"),
        (0.9, (0.85, 0.95), "fail"),
        (0.9, (0.75, 0.95), "warn"),
        (0.1, (0.05, 0.25), "warn"),
        (0.1, (0.05, 0.15), "fail"),
        (0.9, (math.nan, math.nan), "fail"),
        (math.nan, (0.1, 0.9), "fail"),
    ],
)
def test_a_value_fails_only_with_its_whole_interval(value, interval, verdict):
    assert Band(0.2, 0.8, "here").verdict(value, interval) == verdict
