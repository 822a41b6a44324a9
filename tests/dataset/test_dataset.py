"""Opening a dataset, reading it, and the checks on its bytes, keys and money."""

import json

import polars as pl
import pytest

from fraudsim.dataset import open_dataset
from fraudsim.errors import CheckFailedError, FraudsimError, UsageError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.schema import TABLES


def test_open_gives_what_commit_gave(dataset):
    assert open_dataset(str(dataset.path)) == dataset


def test_every_table_is_an_attribute(dataset):
    for name, table in TABLES.items():
        frame = getattr(dataset, name)
        assert isinstance(frame, pl.LazyFrame)
        assert frame.collect_schema().names() == table.column_names
    assert dataset.row_counts == {name: getattr(dataset, name).collect().height for name in TABLES}


def test_an_unknown_table_gives_the_nearest(dataset):
    with pytest.raises(UsageError, match="no table 'label'; did you mean 'labels'"):
        dataset.table("label")


def test_labelled_puts_the_truth_beside_every_transaction(dataset):
    frame = dataset.labelled().collect()
    assert frame.columns == [
        *TABLES["transactions"].column_names,
        *("is_fraud", "attack", "campaign_id", "stage", "reported_at"),
    ]
    assert frame["tx_id"].equals(dataset.transactions.collect()["tx_id"])
    assert frame.filter("is_fraud")["tx_id"].sort().to_list() == [909, 910]
    assert frame["is_fraud"].null_count() == 0
    assert frame.filter(~pl.col("is_fraud"))["attack"].null_count() == frame.height - 2
    stages = dict(frame.filter("is_fraud").select("tx_id", "stage").iter_rows())
    assert stages == {909: "spend", 910: "probe"}


# --- not a dataset ---


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: (p / MANIFEST_NAME).unlink(), r"is not a finished .* \(is it a killed run\?\)$"),
        (lambda p: (p / MANIFEST_NAME).write_text('{"form'), r"manifest.json: damaged, not JSON"),
        (
            lambda p: (p / MANIFEST_NAME).write_bytes(b"\xff\xfe"),
            r"manifest.json: damaged, not JSON",
        ),
        (
            lambda p: (p / MANIFEST_NAME).write_text("[]"),
            r"its format is None; this fraudsim reads",
        ),
        (lambda p: (p / "cards.parquet").unlink(), r"cards.parquet is missing: the dataset is not"),
        (
            lambda p: (p / "cards.parquet").write_bytes(b"12"),
            r"cards.parquet has 2 bytes, the mani",
        ),
    ],
)
def test_a_damaged_dataset_is_refused_with_the_reason(dataset, spoil, message):
    spoil(dataset.path)
    with pytest.raises(UsageError, match=message) as raised:
        open_dataset(dataset.path)
    assert "\n" not in str(raised.value)


def _set(path, value):
    def edit(manifest):
        *parents, last = path
        for key in parents:
            manifest = manifest[key]
        manifest[last] = value

    return edit


ESCAPE = "../../../etc/passwd.parquet"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            _set(["format"], "fraudsim.dataset/9"),
            "its format is 'fraudsim.dataset/9'; this fraudsim",
        ),
        (_set(["schema_version"], "9"), "its schema_version is '9'; this fraudsim reads '2'"),
        (_set(["seed"], -1), "manifest.json: seed: damaged: input should be >= 0, not -1"),
        (_set(["clock"], 1), "manifest.json: clock: damaged: unknown key"),
        (_set(["digest"], "0" * 64), "damaged: digest: is not the digest of files"),
        (_set(["files", "cards.parquet", "rows"], 3), "damaged: tables: do not agree with files"),
        (
            _set(["files", "cards.parquet", "sha256"], "0" * 64),
            "digest: is not the digest of files",
        ),
        (_set(["tables", "card"], {"rows": 0, "files": []}), "tables: missing or unknown: card$"),
        (
            _set(["files", ESCAPE], {"sha256": "0" * 64, "bytes": 0, "rows": 0}),
            "damaged: string should match pattern",
        ),
    ],
)
def test_an_edited_manifest_is_refused_with_the_reason(dataset, edit, message):
    path = dataset.path / MANIFEST_NAME
    manifest = json.loads(path.read_bytes())
    edit(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match=message) as raised:
        open_dataset(dataset.path)
    assert "\n" not in str(raised.value)


def test_what_is_not_there_is_refused_with_the_reason(tmp_path):
    with pytest.raises(UsageError, match=r"world does not exist; a fraudsim dataset is a folder"):
        open_dataset(tmp_path / "world")
    (tmp_path / "world.partial").mkdir()
    with pytest.raises(UsageError, match=r"world.partial beside it is left from a run that was k"):
        open_dataset(tmp_path / "world")
    (tmp_path / "table.csv").write_text("a,b")
    with pytest.raises(UsageError, match=r"table.csv is a file; a fraudsim dataset is a folder"):
        open_dataset(tmp_path / "table.csv")


# --- bytes ---


def test_the_toy_passes_every_check(dataset):
    dataset.check_files()
    assert dataset.check_keys() == []
    assert dataset.check_ledger() == []


def test_a_changed_byte_is_found(dataset):
    path = dataset.path / "transactions" / "month=2025-01" / "part-00000.parquet"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckFailedError, match=r"month=2025-01.part-00000.parquet was changed"):
        open_dataset(dataset.path).check_files()


def test_a_file_that_vanished_after_opening_is_found(dataset):
    (dataset.path / "cards.parquet").unlink()
    with pytest.raises(CheckFailedError, match=r"cards.parquet: cannot be read: No such file"):
        dataset.check_files()


def test_a_file_that_does_not_belong_is_found_and_not_read(dataset):
    month = dataset.path / "events" / "month=2025-01"
    (month / "part-00007.parquet").write_bytes((month / "part-00000.parquet").read_bytes())
    assert dataset.events.collect().height == 4
    with pytest.raises(CheckFailedError, match=r"part-00007.parquet does not belong"):
        dataset.check_files()


def test_a_table_that_cannot_be_read_is_one_line(dataset):
    path = dataset.path / "cards.parquet"
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(FraudsimError, match=r"verify --files-only` names the damaged") as raised:
        open_dataset(dataset.path).check_keys()
    assert "\n" not in str(raised.value)


# --- keys ---


def foreign_keys():
    return [
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.refers_to
    ]


@pytest.mark.parametrize(("table", "column"), foreign_keys())
def test_a_reference_to_nothing_is_found_in_every_foreign_key(toy, tmp_path, table, column):
    rows = toy.toy_rows()
    spec = TABLES[table]
    key = rows[table][0][spec.column_names.index(spec.key)]
    dataset = toy.write_toy(tmp_path / "world", toy.edited(rows, table, key, **{column: 123_456}))
    other = spec.column(column).refers_to.split(".")[0]
    problem = f"{table}.{column}: 1 row refer to nothing in {other}, such as 123456"
    assert problem in dataset.check_keys()


@pytest.mark.parametrize("table", TABLES)
def test_a_key_that_repeats_is_found_in_every_table(toy, tmp_path, table):
    rows = toy.toy_rows()
    first = rows[table][0]
    key = first[TABLES[table].column_names.index(TABLES[table].key)]
    dataset = toy.write_toy(tmp_path / "world", rows | {table: [*rows[table], first]})
    problem = f"{table}.{TABLES[table].key}: not unique, 1 values repeat, such as {key}"
    assert problem in dataset.check_keys()


def test_a_null_where_there_can_be_none_is_found(toy, tmp_path, monkeypatch):
    # as somebody's own writer might leave it; ours refuses
    monkeypatch.setattr("fraudsim.sinks.parquet._check_frame", lambda *_: None)
    rows = toy.edited(toy.toy_rows(), "customers", 2, birth_year=None)
    dataset = toy.write_toy(tmp_path / "world", rows)
    assert dataset.check_keys() == ["customers.birth_year: null in 1 row"]


# --- money ---


def test_a_lost_penny_is_found(toy, tmp_path):
    rows = toy.edited(toy.toy_rows(), "balances", 11, closing_minor=212_449)
    (problem,) = toy.write_toy(tmp_path / "world", rows).check_ledger()
    assert problem == (
        "balances: 1 account closed at another balance than opening + credits - debits, "
        "such as 11: 212449, expected 212450"
    )


def test_a_declined_payment_moves_no_money(toy, tmp_path):
    rows = toy.edited(toy.toy_rows(), "transactions", 904, approved=True)
    (problem,) = toy.write_toy(tmp_path / "world", rows).check_ledger()
    assert "such as 11: 212450, expected -687550" in problem


def test_an_account_without_a_balance_is_found(toy, tmp_path):
    rows = toy.without(toy.toy_rows(), "balances", 21)
    assert toy.write_toy(tmp_path / "world", rows).check_ledger() == [
        "balances: no row for 1 account, such as 21"
    ]


def test_a_transfer_that_does_not_arrive_is_found(toy, tmp_path):
    rows = toy.without(toy.toy_rows(), "transactions", 907)
    rows = toy.edited(rows, "balances", 21, closing_minor=500)  # the books of the account agree
    (problem,) = toy.write_toy(tmp_path / "world", rows).check_ledger()
    assert problem == (
        "transactions: 1 approved transfers to accounts here did not arrive as deposits, "
        "such as 4000 to account 21"
    )


def test_a_repayment_on_one_side_only_is_found(toy, tmp_path):
    rows = toy.without(toy.toy_rows(), "transactions", 906)
    rows = toy.edited(rows, "balances", 12, closing_minor=-1_100)
    assert toy.write_toy(tmp_path / "world", rows).check_ledger() == [
        "transactions: 1 repayments stand on one side only, such as 1000 of customer 1: no credit"
    ]


def test_a_negative_amount_is_found(toy, tmp_path):
    rows = toy.edited(toy.toy_rows(), "transactions", 905, amount_minor=-2_550)
    rows = toy.edited(rows, "balances", 11, closing_minor=217_550)
    assert toy.write_toy(tmp_path / "world", rows).check_ledger() == [
        "transactions.amount_minor: negative in 1 row, such as tx_id 905"
    ]
