"""The command line: output, exit codes, one-line errors, and a start without heavy imports."""

from __future__ import annotations

import errno
import json
import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import jsonschema
import pytest

from fraudsim import cli
from fraudsim.errors import CheckFailedError, FraudsimError
from fraudsim.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = {
    *("imblearn", "lightgbm", "mesa", "numba", "numpy", "pandas"),
    *("polars", "pydantic", "rich", "scipy", "sklearn", "yaml"),
}
MODULES_AT_MOST = 170  # 126 with click 8.5 on Python 3.11, of which 68 are there before us


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


COMMANDS = sorted(every_command(cli.cli))


def command_of(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli.cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


# Start


@pytest.mark.parametrize("arguments", [["--help"], ["simulate", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str], environment: dict[str, str]) -> None:
    script = (
        "import sys; from fraudsim.cli import main; code = main(sys.argv[1:]);"
        "print(chr(0), *sys.modules); raise SystemExit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = done.stdout.partition("\0")[2].split()
    assert sorted({name.partition(".")[0] for name in modules} & HEAVY) == []
    assert len(modules) <= MODULES_AT_MOST


def test_importing_fraudsim_loads_nothing_heavy(environment: dict[str, str]) -> None:
    script = "import sys, fraudsim; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert sorted({name.partition(".")[0] for name in done.stdout.split()} & HEAVY) == []


# What every command has


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_an_example_exit_codes_and_json(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*path, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"Example: fraudsim {' '.join(path)}" in text
    assert "Exit codes: 0 " in text
    assert "--json" in text


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_example_of_every_command_is_one_it_accepts(path: tuple[str, ...]) -> None:
    command = command_of(path)
    assert isinstance(command, cli._Command)
    words = command.example.partition(" > ")[0].split()[1 + len(path) :]
    command.make_context(path[-1], words)


def test_a_group_alone_shows_its_help(run: Run) -> None:
    for arguments in ([], ["attacks"], ["scenarios"]):
        done = run(*arguments)
        assert done.returncode == 0
        assert "Commands:" in done.stdout


# Looking things up


def test_scenarios_list_show_and_explain(run: Run) -> None:
    listed = json.loads(run("scenarios", "list", "--json").stdout)
    assert [row["name"] for row in listed] == ["cards", "catalogue", "mixed", "payments", "tiny"]
    shown = run("scenarios", "show", "tiny", "--set", "calendar.days=7")
    assert "days: 7" in shown.stdout
    as_json = json.loads(run("scenarios", "show", "tiny", "--json").stdout)
    assert as_json["calendar"]["days"] == 30
    assert len(as_json["attacks"]) == 8


def test_what_show_prints_is_a_scenario(run: Run, tmp_path: Path) -> None:
    (tmp_path / "copy.yaml").write_text(run("scenarios", "show", "tiny").stdout)
    assert run("scenarios", "show", "copy.yaml").stdout == (tmp_path / "copy.yaml").read_text()


def test_explain_needs_no_attack(run: Run) -> None:
    done = run("scenarios", "explain", "tiny", "--set", "attacks=[]", "--json")
    rows = {row["key"]: row for row in json.loads(done.stdout)}
    assert rows["calendar.days"] == {
        "key": "calendar.days",
        "value": 30,
        "default": 120,
        "source": "choice: a month shows weekends and a payday",
        "meaning": "days simulated",
    }
    text = run("scenarios", "explain", "tiny", "--set", "attacks=[]").stdout
    assert (
        "calendar.days = 30  (default 120)\n    days simulated\n"
        "    source: choice: a month shows weekends and a payday\n"
    ) in text


def test_schema_is_a_json_schema_that_takes_the_preset(run: Run) -> None:
    schema = json.loads(run("schema").stdout)
    assert run("schema", "--json").stdout == run("schema").stdout
    preset = json.loads(run("scenarios", "show", "cards", "--json").stdout)
    jsonschema.Draft202012Validator(schema).validate(preset)


def test_data_dictionary_holds_every_column(run: Run) -> None:
    markdown = run("schema", "--tables").stdout
    tables = json.loads(run("schema", "--tables", "--json").stdout)
    assert [table["table"] for table in tables] == list(TABLES)
    for table in TABLES.values():
        section = markdown.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0]
        assert [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")] == (
            table.column_names
        )
    assert all(line.count(" | ") in {0, 1, 3} for line in markdown.splitlines())


PATTERN = '''
from typing import ClassVar
from fraudsim.attacks.kit.pattern import AttackPattern, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

class Refunds(AttackPattern):
    """Refund what was never bought."""

    name: ClassVar[str] = "refunds"
    summary: ClassVar[str] = "refunds without purchases"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(visa="6", f3=("F1", "F2"))
    sources: ClassVar[tuple[str, ...]] = ("a paper",)
    look_alike: ClassVar[str] = "returns after Christmas"
    stages: ClassVar[tuple[str, ...]] = ("refund",)
    times: int = parameter(3, "refunds each", "assumption", ge=1)

    def run(self, scene):
        yield
'''


def test_a_pattern_from_a_file_is_listed_and_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PATTERN)
    listed = run("attacks", "list", "--attacks", "mine.py", "--json")
    assert {"name": "refunds", "summary": "refunds without purchases"} in json.loads(listed.stdout)
    shown = run("attacks", "show", "refunds", "--attacks", "mine.py")
    for line in (
        "refunds: refunds without purchases",
        "Refund what was never bought.",
        "look-alike: returns after Christmas",
        "f3: F1, F2",
        "visa: 6",
        "  a paper",
        "  times = 3",
        "      source: assumption",
    ):
        assert line in shown.stdout.splitlines()
    as_json = json.loads(run("attacks", "show", "refunds", "--attacks", "mine.py", "--json").stdout)
    assert as_json["parameters"] == [
        {"name": "times", "default": 3, "meaning": "refunds each", "source": "assumption"}
    ]


# From a scenario to a report

SMALL = ("--set", "calendar.days=8", "--set", "population.customers=60", "--set", "attacks=[]")


def test_simulate_verify_and_report(run: Run, tmp_path: Path) -> None:
    done = run("simulate", "tiny", "--seed", "5", *SMALL)
    assert done.returncode == 0, done.stderr
    assert "simulate tiny: 100 % (8 of 8)" in done.stderr.splitlines()
    lines = done.stdout.splitlines()
    assert lines[0] == "wrote tiny-5"
    assert lines[-1] == "next: fraudsim benchmark tiny-5"
    assert [line.split()[0] for line in lines[1 : 1 + len(TABLES)]] == list(TABLES)

    again = run("simulate", "tiny", "--seed", "5", *SMALL, "-o", "again", "--quiet", "--json")
    assert again.stderr == ""
    value = json.loads(again.stdout)
    assert (value["path"], value["seed"], value["fraud_rows"]) == ("again", 5, 0)
    assert f"digest: {value['digest']}" in lines
    manifest = json.loads((tmp_path / "again" / "manifest.json").read_text())
    assert manifest["digest"] == value["digest"]

    refused = run("simulate", "tiny", "--seed", "5", *SMALL, "-o", "again")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert run("simulate", "tiny", *SMALL, "-o", "again", "--overwrite").returncode == 0

    verified = run("verify", "tiny-5", "--quiet")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout.startswith("tiny-5: the files and a second run are equal (")
    files_only = json.loads(run("verify", "tiny-5", "--files-only", "--json").stdout)
    assert (files_only["run_again"], files_only["digest"]) == (False, value["digest"])

    report = run("report", "tiny-5", "-o", "page.html")
    assert report.stdout.startswith("wrote page.html (")
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")

    customers = tmp_path / "tiny-5" / "customers.parquet"
    content = bytearray(customers.read_bytes())
    content[100] ^= 1
    customers.write_bytes(content)
    changed = run("verify", "tiny-5", "--files-only", "--quiet")
    assert (changed.returncode, changed.stdout) == (3, "")
    assert "customers.parquet" in changed.stderr


# Learning from a table of one's own


@pytest.fixture
def own_table(tmp_path: Path) -> str:
    """A CSV of 600 payments over 30 days; each twentieth is a fraud, half of those are high."""
    rows = ["when,cents,kind,bad"]
    for number in range(600):
        bad = number % 20 == 3
        amount = 500 + number % 7 + 400 * (number % 40 == 3)
        rows.append(f"{number * 4320},{amount},{'ab'[number % 2]},{int(bad)}")
    (tmp_path / "own.csv").write_text("\n".join(rows) + "\n")
    return "own.csv"


OWN = ("--label", "bad", "--time", "when", "--amount", "cents")


def test_benchmark_of_an_own_table(run: Run, own_table: str, tmp_path: Path) -> None:
    arguments = ("benchmark", own_table, *OWN, "--detector", "logistic", "--budget", "3")
    done = run(*arguments, "--rebalancer", "none", "--rebalancer", "random_over", "-o", "r.json")
    assert done.returncode == 0, done.stderr
    assert "benchmark: 100 % (4 of 4)" in done.stderr
    assert done.stdout.splitlines()[-1] == "wrote r.json"
    assert "alert budget: 3 a day (given)" in done.stdout
    written = json.loads((tmp_path / "r.json").read_text())
    assert [(row["detector"], row["rebalancer"]) for row in written["rows"]] == [
        ("random", "none"),
        ("amount", "none"),
        ("logistic", "none"),
        ("logistic", "random_over"),
    ]
    printed = json.loads(run(*arguments, "--quiet", "--json").stdout)
    assert printed["format"] == written["format"]
    assert len(printed["rows"]) == 3


def test_rebalance_of_an_own_table(run: Run, own_table: str, tmp_path: Path) -> None:
    import polars as pl

    arguments = ("rebalance", own_table, *OWN, "-o", "balanced.parquet")
    done = run(*arguments, "--ratio", "0.5")
    assert done.returncode == 0, done.stderr
    table = pl.read_parquet(tmp_path / "balanced.parquet")
    frauds = int(table["bad"].sum())
    assert table.height == 3 * frauds
    assert f"wrote balanced.parquet ({table.height:,} rows, {frauds:,} frauds)" in done.stdout
    assert "random_under" in done.stdout

    refused = run(*arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    again = run(*arguments, "--overwrite", "--method", "random_over", "--json")
    value = json.loads(again.stdout)
    assert (value["method"], value["parameters"]["ratio"]) == ("random_over", 0.1)
    assert value["rows"] == pl.read_parquet(tmp_path / "balanced.parquet").height


def test_the_defaults_in_the_help_are_those_of_the_library(run: Run) -> None:
    from fraudsim.benchmark import DETECTORS

    words = " ".join(run("benchmark", "--help").stdout.split())
    assert f"[default: {', '.join(DETECTORS)}]" in words


# Errors: one line on stderr, nothing on stdout, nothing written


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["simulat"], "No such command 'simulat'"),
        (["simulate"], "Missing argument 'SCENARIO'. (see fraudsim simulate --help)"),
        (["simulate", "tiny", "--sed", "3"], "No such option"),
        (["simulate", "tiny", "--seed", "x"], "Invalid value for '--seed'"),
        (["simulate", "tiny", "--seed", "-1"], "Invalid value for '--seed'"),
        (["simulate", "tiny", "--workers", "0"], "Invalid value for '--workers'"),
        (["simulate", "tinny"], "no preset 'tinny'; did you mean 'tiny'?"),
        (["simulate", "none.yaml"], "none.yaml: no such file"),
        (
            ["simulate", "tiny", "--set", "calendar.dayz=3"],
            "--set: calendar.dayz: unknown key; did you mean 'days'?",
        ),
        (["scenarios", "show", "tiny", "--set", "x"], "--set x: should be key.path=value"),
        (["attacks", "list", "--attacks", "none.py"], "none.py: no such file or folder"),
        (["attacks", "show", "zzz"], "unknown attack pattern 'zzz'"),
        (["verify", "none"], "none"),
        (["report", "none", "-o", "none.html"], "none"),
        (["benchmark", "none"], "none"),
        (["rebalance", "none"], "Missing option '-o' / '--out'"),
        (["rebalance", "none", "-o", "x.parquet"], "none"),
        (
            ["rebalance", "none", "--method", "smotnec", "-o", "x.parquet"],
            "did you mean 'smotenc'?",
        ),
        (["benchmark", "none", "--detector", "lightgmb"], "did you mean 'lightgbm'?"),
        (["benchmark", "none", "--ratio", "0"], "Invalid value for '--ratio'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_usage_is_one_line_exit_2_and_writes_nothing(
    arguments: list[str], expected: str, run: Run, tmp_path: Path
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("fraudsim: error: ")
    assert expected in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (FraudsimError("it broke"), 1, "it broke"),
        (CheckFailedError("not\nequal"), 3, "not equal"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            OSError(errno.ENOSPC, "No space left on device", "x/y"),
            1,
            "x/y: No space left on device",
        ),
        (OSError(errno.EFBIG, "File too large"), 1, "File too large"),
    ],
)
def test_exit_codes(
    error: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli.cli.commands["schema"], "callback", fail)
    assert cli.main(["schema"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1] == f"fraudsim: error: {line}"


def test_an_error_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli.cli.commands["schema"], "callback", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["schema"])


@pytest.fixture(params=["buffered", "unbuffered"])
def buffering(request: pytest.FixtureRequest, environment: dict[str, str]) -> dict[str, str]:
    """The environment with stdout written at the end, or at once: errors come there."""
    return {**environment, "PYTHONUNBUFFERED": "1" if request.param == "unbuffered" else ""}


def test_a_closed_pipe_is_quiet(buffering: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "fraudsim", "schema"]
    done = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, env=buffering, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_full_disk_is_one_line(buffering: dict[str, str]) -> None:
    if not os.path.exists("/dev/full"):  # noqa: PTH110 -- a device, not a path of ours
        pytest.skip("no /dev/full here")
    command = [sys.executable, "-m", "fraudsim", "schema"]
    with open("/dev/full", "w") as full:  # noqa: PTH123 -- same
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=buffering, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "fraudsim: error: No space left on device\n"


def test_ctrl_c_ends_with_130(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import sys, time\nprint('here', flush=True)\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-m", "fraudsim", "attacks", "list", "--attacks", "slow.py"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr.strip()) == (130, "fraudsim: error: interrupted")


def test_no_colour_codes_on_a_terminal(environment: dict[str, str]) -> None:
    main_end, other_end = pty.openpty()
    command = [sys.executable, "-m", "fraudsim", "simulate", "tinny"]
    process = subprocess.Popen(
        command, stdin=other_end, stdout=other_end, stderr=other_end, env=environment
    )
    os.close(other_end)
    output = b""
    while chunk := _read(main_end):
        output += chunk
    os.close(main_end)
    assert process.wait(timeout=30) == 2
    assert output.startswith(b"fraudsim: error: no preset")
    assert b"\x1b" not in output


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # how Linux says that the other end of a terminal is closed
        return b""
