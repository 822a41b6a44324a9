"""What ``fraudsim export sql`` writes, loaded into a real PostgreSQL."""

import pytest

from fraudsim.export import export
from fraudsim.schema import TABLES


@pytest.fixture
def folder(tiny_world, tmp_path):
    return export(tiny_world.path, form="sql", out=tmp_path / "sql").path


def loaded(database, folder):
    """Run every script; fails with what psql printed."""
    done = database("-f", "all.sql", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows_of(database, table):
    return int(one(database, f'select count(*) from "{table}"'))  # noqa: S608 -- names of ours


def one(database, query):
    done = database("-c", query)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_everything_loads_and_no_orphan_is_found(database, folder, tiny_world):
    assert loaded(database, folder) == ""
    counts = {name: int(rows_of(database, name)) for name in TABLES}
    assert counts == tiny_world.row_counts


def test_constraints_indexes_and_comments_are_there(database, folder):
    loaded(database, folder)
    foreign = sum(bool(c.refers_to) for table in TABLES.values() for c in table.columns)
    kinds = "select count(*) from pg_constraint where connamespace = 'public'::regnamespace"
    assert int(one(database, f"{kinds} and contype = 'f'")) == foreign
    assert int(one(database, f"{kinds} and contype = 'p'")) == len(TABLES)
    assert int(one(database, f"{kinds} and contype = 'c'")) > 20
    comment = one(database, "select obj_description('cards'::regclass)")
    assert "is_synthetic=true" in comment


def test_values_arrive_as_they_were(database, folder, tiny_world):
    loaded(database, folder)
    first = tiny_world.transactions.sort("tx_id").first().collect().row(0, named=True)
    time = one(
        database,
        "set timezone = 'UTC'; select to_char(event_time, 'YYYY-MM-DD HH24:MI:SS.US') "
        "from transactions order by tx_id limit 1",
    )
    assert time == first["event_time"].strftime("%Y-%m-%d %H:%M:%S.%f")
    people = tiny_world.identities.sort("customer_id").collect()
    names = one(database, "select family_name || phone from identities order by customer_id")
    assert names.splitlines() == (people["family_name"] + people["phone"]).to_list()
    nulls = int(one(database, "select count(*) from transactions where card_id is null"))
    assert nulls == tiny_world.transactions.collect()["card_id"].null_count()


def test_an_orphan_is_refused_by_the_constraints_and_found_by_the_check(
    database, folder, tiny_world
):
    for script in ("schema.sql", "load.sql"):
        assert database("-v", "ON_ERROR_STOP=1", "-f", script, cwd=folder).returncode == 0
    victim = one(database, "select min(terminal_id) from transactions")
    one(
        database,
        "delete from terminals where terminal_id = (select min(terminal_id) from transactions)",
    )
    found = database("-f", "check.sql", cwd=folder).stdout
    assert found.splitlines()[0].startswith("transactions.terminal_id|terminals|")
    assert found.strip().endswith(victim)
    refused = database("-v", "ON_ERROR_STOP=1", "-f", "constraints.sql", cwd=folder)
    assert refused.returncode != 0
    assert "terminal_id" in refused.stderr


def test_a_load_that_fails_leaves_the_database_as_it_was(database, folder):
    path = folder / "disputes.csv"
    path.write_bytes(path.read_bytes() + b"1,2,3\r\n")
    assert database("-f", "all.sql", cwd=folder).returncode != 0
    tables = "select count(*) from pg_tables where schemaname = 'public'"
    assert one(database, tables) == "0"


def test_without_the_truth_it_loads_all_the_same(database, tiny_world, tmp_path):
    result = export(tiny_world.path, form="sql", out=tmp_path / "observed", truth=False)
    assert loaded(database, result.path) == ""
    listed = one(database, "select tablename from pg_tables where schemaname = 'public'").split()
    assert sorted(listed) == sorted(t.name for t in TABLES.values() if t.role == "observed")
