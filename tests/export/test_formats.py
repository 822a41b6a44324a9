"""CSV and DuckDB, the command, and what all formats promise: whole or absent, and checked."""

import csv
import json
import re
import subprocess
import sys

import duckdb
import polars as pl
import pytest

import fraudsim
from fraudsim.cli import main
from fraudsim.errors import CheckFailedError, UsageError
from fraudsim.export import export
from fraudsim.export.run import FORMATS
from fraudsim.export.tables import load_order, references
from fraudsim.identities.pans import full_pans, luhn_digits
from fraudsim.schema import TABLES


@pytest.fixture
def world(toy, tmp_path):
    return toy.write_toy(tmp_path / "world")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_is_checked_and_holds(tiny_world, tmp_path, form):
    result = export(tiny_world.path, form=form, out=tmp_path / "out", check=True)
    assert result.rows == {name: tiny_world.row_counts[name] for name in result.rows}
    assert set(result.rows) == set(TABLES)
    assert names_in(tmp_path) == ["out"]


def test_parents_come_before_children():
    order = [table.name for table in load_order(TABLES.values())]
    assert sorted(order) == sorted(TABLES)
    for table in TABLES.values():
        for _, other, _ in references(table):
            assert order.index(other) < order.index(table.name)


# CSV


def test_csv_reads_back_as_it_was(world, tmp_path):
    out = export(world.path, form="csv", out=tmp_path / "csv").path
    with (out / "transactions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    there = world.transactions.collect()
    assert [int(row["tx_id"]) for row in rows] == there["tx_id"].to_list()
    assert rows[0]["event_time"] == "2025-01-02T09:00:00.000000Z"
    assert rows[0]["card_id"] == ""
    assert (out / "payees.csv").read_bytes().endswith(b"\r\n")
    assert '"Dubois, Fils"' in (out / "payees.csv").read_text(encoding="utf-8")


def test_formulas_are_made_harmless_in_csv_and_left_alone_in_sql(world, tmp_path):
    for form, street, phone in (("csv", "'=Ash Grove", "'+44"), ("sql", "=Ash Grove", "+44")):
        out = export(world.path, form=form, out=tmp_path / form).path
        frame = pl.read_csv(out / "identities.csv", infer_schema=False)
        assert frame["street"].to_list() == ["Elm Road", street]
        assert frame["phone"].str.starts_with(phone).all()
        assert frame["given_name"][0] == "Ann"


def test_the_readme_lists_the_files_in_the_order_of_loading(world, tmp_path):
    out = export(world.path, form="csv", out=tmp_path / "csv").path
    listed = re.findall(r"^\d+\. `(\w+)\.csv`", (out / "README.md").read_text(), re.MULTILINE)
    assert listed == [table.name for table in load_order(TABLES.values())]


# DuckDB


def test_duckdb_has_keys_references_and_comments(tiny_world, tmp_path):
    out = export(tiny_world.path, form="duckdb", out=tmp_path / "world.duckdb").path
    with duckdb.connect(str(out), read_only=True) as connection:
        kinds = dict(
            connection.execute(
                "select constraint_type, count(*) from duckdb_constraints() group by all"
            ).fetchall()
        )
        assert kinds["PRIMARY KEY"] == len(TABLES)
        assert kinds["FOREIGN KEY"] >= sum(len(references(t)) for t in TABLES.values())
        (count,) = connection.execute("select count(*) from transactions").fetchone()
        assert count == tiny_world.row_counts["transactions"]
        comment = "select comment from duckdb_tables() where table_name = 'cards'"
        assert "is_synthetic=true" in connection.execute(comment).fetchone()[0]


def test_duckdb_absent_is_one_line_that_names_the_extra(world, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match=re.escape("pip install 'fraudsim[duckdb]'")):
        export(world.path, form="duckdb", out=tmp_path / "world.duckdb")
    assert names_in(tmp_path) == ["world"]


def test_duckdb_refuses_an_orphan_and_keeps_nothing(orphaned, tmp_path):
    with pytest.raises(CheckFailedError, match="foreign key"):
        export(orphaned.path, form="duckdb", out=tmp_path / "out.duckdb")
    assert names_in(tmp_path) == ["orphaned"]


def test_a_large_table_in_duckdb_is_checked_by_the_check(orphaned, tmp_path, monkeypatch):
    monkeypatch.setattr(FORMATS["duckdb"], "MOST_ROWS_WITH_REFERENCES", 0)
    message = r"transactions\.terminal_id: 2 rows refer to nothing in terminals, such as 42$"
    with pytest.raises(CheckFailedError, match=message):
        export(orphaned.path, form="duckdb", out=tmp_path / "out.duckdb", check=True)


# whole card numbers


@pytest.mark.parametrize("form", ["csv", "duckdb"])
def test_whole_card_numbers_come_when_asked(tiny_world, tmp_path, form):
    path = tmp_path / "out"
    out = export(tiny_world.path, form=form, out=path, full_pans=True).path
    cards = tiny_world.cards.collect()
    if form == "csv":
        pans = pl.read_csv(out / "cards.csv", infer_schema=False)["pan"].to_list()
    else:
        with duckdb.connect(str(out), read_only=True) as connection:
            query = "select pan from cards order by card_id"
            pans = [pan for (pan,) in connection.execute(query).fetchall()]
    assert pans == full_pans(cards["card_id"], cards["bin"]).to_list()
    assert [f"{pan[:6]}******{pan[-4:]}" for pan in pans] == cards["pan"].to_list()
    body = pl.Series(pans).str.head(15).cast(pl.Int64).to_numpy()
    assert luhn_digits(body).tolist() == [int(pan[-1]) for pan in pans]
    assert names_in(tmp_path) == ["out"]


# whole or absent


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_nothing_is_replaced_unasked(world, tmp_path, form):
    first = export(world.path, form=form, out=tmp_path / "out").path
    with pytest.raises(UsageError, match=r"out exists; choose another .* or pass --overwrite"):
        export(world.path, form=form, out=tmp_path / "out")
    assert export(world.path, form=form, out=tmp_path / "out", overwrite=True).path == first
    assert names_in(tmp_path) == ["out", "world"]


@pytest.mark.parametrize("form", ["sql", "csv"])
def test_overwrite_replaces_only_exports(world, tmp_path, form):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    for place, reason in (("mine", "is not a fraudsim export"), ("world", "is not a fraudsim")):
        with pytest.raises(UsageError, match=reason):
            export(world.path, form=form, out=tmp_path / place, overwrite=True)
    out = export(world.path, form=form, out=tmp_path / "out").path
    (out / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds notes\.txt, which is not part of the export"):
        export(world.path, form=form, out=out, overwrite=True)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_dataset_is_not_replaced_by_its_export(world, tmp_path):
    with pytest.raises(UsageError, match="is a folder; give the name of a file"):
        export(world.path, form="duckdb", out=world.path, overwrite=True)
    world.check_files()


LIMITED = """
import resource, sys
from fraudsim.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
sys.exit(main(["export", sys.argv[1], sys.argv[2], "-o", sys.argv[3]]))
"""


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_limit_on_the_size_of_a_file(tiny_world, tmp_path, form):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, form, tiny_world.path, tmp_path / "out"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("fraudsim: error: cannot write ")
    assert len(done.stderr.splitlines()) == 1
    assert names_in(tmp_path) == []


# the check and the command


@pytest.mark.parametrize("form", ["sql", "csv"])
def test_an_orphan_is_found_in_what_was_written(orphaned, tmp_path, capsys, form):
    out = tmp_path / "out"
    assert main(["export", form, str(orphaned.path), "-o", str(out), "--check"]) == 3
    assert capsys.readouterr().err == (
        f"fraudsim: error: {out}: transactions.terminal_id: 2 rows refer to nothing in terminals, "
        "such as 42\n"
    )
    assert (out / "transactions.csv").is_file()


def test_the_command_says_what_it_wrote(tiny_world, tmp_path, capsys):
    words = ["export", "sql", str(tiny_world.path), "-o", str(tmp_path / "out")]
    assert main([*words, "--check", "--no-truth", "--full-pans"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"wrote {tmp_path / 'out'}\n")
    assert "every reference leads somewhere" in said
    assert "card numbers are whole" in said
    assert "labels" not in said
    assert main([*words, "--overwrite", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["format"] == "sql"
    assert value["rows"] == fraudsim.open_dataset(tiny_world.path).row_counts


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sqll", "world", "-o", "x"], "there is no format 'sqll'; did you mean 'sql'?"),
        (["sql", "nowhere", "-o", "x"], "nowhere does not exist"),
        (["sql", "world"], "Missing option '-o'"),
    ],
)
def test_mistakes_are_one_line(world, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *words]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1
