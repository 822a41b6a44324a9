"""What is written, and what the writer refuses to write."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fraudsim.dataset import open_dataset
from fraudsim.dataset_card import PAGE_NAMES
from fraudsim.errors import FraudsimError, UsageError
from fraudsim.manifest import MANIFEST_NAME, AttackSource
from fraudsim.sinks import local_place, parquet, staging
from fraudsim.sinks.parquet import DatasetWriter, write_part, write_pieces
from fraudsim.sinks.staging import UNFINISHED_NAME


@pytest.fixture
def writer(tmp_path):
    writer = DatasetWriter(tmp_path / "world")
    with pytest.raises(RuntimeError, match="without commit"), writer:
        yield writer


def test_a_dataset_comes_back_as_it_was_written(toy, dataset):
    for table, rows in toy.toy_rows().items():
        found = dataset.table(table).collect()
        right = toy.frame_of(table, rows)
        assert found.schema == right.schema
        assert found.equals(right), table


def test_the_layout_is_one_file_per_table_and_a_folder_per_month(dataset):
    files = {p.relative_to(dataset.path).as_posix() for p in dataset.path.rglob("*") if p.is_file()}
    assert files == {MANIFEST_NAME, *PAGE_NAMES, *dataset.manifest.files}
    assert "customers.parquet" in files
    assert "transactions/month=2025-02/part-00000.parquet" in files


def test_nothing_stands_beside_a_finished_dataset(dataset):
    assert [path.name for path in dataset.path.parent.iterdir()] == ["world"]


def test_missing_parents_are_created(toy, tmp_path):
    assert toy.write_toy(tmp_path / "a" / "b" / "world").path.is_dir()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop("os"), r"^devices\.os is missing from the frame"),
        (lambda f: f.rename({"os": "oss"}), r"^devices\.os is missing"),
        (lambda f: f.with_columns(oss=1), r"^devices has no column 'oss'; did you mean 'os'\?"),
        (
            lambda f: f.with_columns(pl.col("device_id").cast(pl.Int32)),
            r"^devices\.device_id must be Int64, not Int32",
        ),
        (
            lambda f: f.with_columns(pl.col("os").cast(pl.String)),
            r"^devices\.os must be Enum\(.*not String",
        ),
        (
            lambda f: f.select("device_type", "device_id", "os"),
            r"in this order: device_id, device_type, os$",
        ),
        (
            lambda f: f.with_columns(os=pl.lit(None, dtype=f.schema["os"])),
            r"^devices\.os cannot be null, and is in 1 rows$",
        ),
    ],
)
def test_a_frame_unlike_the_schema_is_refused(toy, writer, change, message):
    frame = change(toy.frame_of("devices", toy.toy_rows()["devices"]))
    with pytest.raises(FraudsimError, match=message):
        write_part(writer.place, "devices", frame)
    assert not (writer.place.folder / "devices.parquet").exists()


def test_a_table_that_does_not_exist_is_refused_with_the_nearest(toy, writer):
    with pytest.raises(FraudsimError, match="no table 'device'; did you mean 'devices'"):
        write_part(writer.place, "device", toy.frame_of("devices", []))


@pytest.mark.parametrize(
    ("table", "where", "message"),
    [
        ("events", {}, "events is partitioned by month: month must be like '2025-01', not None"),
        ("events", {"month": "2025-13"}, "must be like '2025-01', not '2025-13'"),
        ("events", {"month": "../../x"}, "must be like '2025-01', not '../../x'"),
        ("events", {"month": "2025-01", "part": -1}, "part must be 0 or more, not -1"),
        ("devices", {"month": "2025-01"}, "devices is one file"),
        ("devices", {"part": 1}, "devices is one file"),
    ],
)
def test_month_and_part_belong_to_partitioned_tables(toy, writer, table, where, message):
    with pytest.raises(FraudsimError, match=message):
        write_part(writer.place, table, toy.frame_of(table, []), **where)


def test_a_row_of_another_month_is_refused(toy, writer):
    frame = toy.frame_of("events", toy.toy_rows()["events"])
    with pytest.raises(FraudsimError, match="a row of month 2025-02 stands in month 2025-01"):
        write_part(writer.place, "events", frame, month="2025-01")


@pytest.mark.parametrize("order", [[1, 0], [0, 2, 1]])
def test_rows_that_are_not_in_order_are_refused(toy, writer, order):
    frame = toy.frame_of("transactions", toy.toy_rows()["transactions"])[1:4][order]
    with pytest.raises(FraudsimError, match="must be sorted by event_time, then tx_id"):
        write_part(writer.place, "transactions", frame, month="2025-01")


def test_an_empty_part_is_a_part(toy, writer):
    part = write_part(writer.place, "events", toy.frame_of("events", []), month="2025-01")
    assert part.rows == 0


def test_a_part_is_not_written_twice(toy, writer):
    frame = toy.frame_of("devices", toy.toy_rows()["devices"])
    part = write_part(writer.place, "devices", frame)
    with pytest.raises(FraudsimError, match=r"devices\.parquet was written before"):
        write_part(writer.place, "devices", frame)
    with pytest.raises(FraudsimError, match=r"devices\.parquet was written twice"):
        writer.commit([part, part], scenario=toy.SCENARIO, seed=1)


def test_every_table_must_be_written(toy, tmp_path):
    def forget(_, parts):
        return [part for part in parts if part.path != "payees.parquet"]

    def remove(staging, parts):
        (staging / "payees.parquet").unlink()
        return forget(staging, parts)

    for spoil in (forget, remove):
        with pytest.raises(FraudsimError, match="the table payees was not written"):
            toy.write_toy(tmp_path / "world", before_commit=spoil)
    assert list(tmp_path.iterdir()) == []


def test_a_partitioned_table_without_parts_is_empty(toy, tmp_path):
    with DatasetWriter(tmp_path / "world") as writer:
        rows = toy.toy_rows()
        parts = [
            write_part(writer.place, table, toy.frame_of(table, rows[table]))
            for table in rows
            if table not in ("transactions", "events")
        ]
        dataset = writer.commit(parts, scenario=toy.SCENARIO, seed=1)
    assert dataset.row_counts["events"] == 0
    assert dataset.events.collect().equals(toy.frame_of("events", []))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"), "is not what was written"),
        (lambda path: path.unlink(), "is gone"),
        (lambda path: path.with_name("left.tmp").write_bytes(b""), r"left\.tmp was not handed to"),
    ],
)
def test_what_lies_on_the_disk_must_be_what_was_written(toy, tmp_path, spoil, message):
    with pytest.raises(FraudsimError, match=message):
        toy.write_toy(
            tmp_path / "world",
            before_commit=lambda staging, _: spoil(staging / "cards.parquet") and None,
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt])
def test_an_error_in_the_body_leaves_nothing(toy, tmp_path, kind):
    def stop(*_):
        raise kind

    with pytest.raises(kind):
        toy.write_toy(tmp_path / "world", before_commit=stop)
    assert list(tmp_path.iterdir()) == []


def test_an_error_with_overwrite_leaves_the_old_one(toy, dataset):
    def stop(*_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        toy.write_toy(dataset.path, overwrite=True, before_commit=stop)
    assert [path.name for path in dataset.path.parent.iterdir()] == ["world"]
    open_dataset(dataset.path).check_files()


def test_the_writer_works_in_a_with_statement_only(tmp_path):
    with pytest.raises(RuntimeError, match="with statement"):
        _ = DatasetWriter(tmp_path / "world").place


# --- what is in the way ---


def test_an_existing_dataset_is_not_overwritten_unasked(toy, dataset):
    with pytest.raises(UsageError, match=r"world exists; choose another folder or pass --overwrit"):
        toy.write_toy(dataset.path)
    open_dataset(dataset.path).check_files()


def test_overwrite_replaces_a_dataset(toy, dataset):
    rows = toy.without(toy.toy_rows(), "events", 71)
    again = toy.write_toy(dataset.path, rows, overwrite=True)
    assert again.digest != dataset.digest
    assert open_dataset(dataset.path).digest == again.digest
    assert [path.name for path in dataset.path.parent.iterdir()] == ["world"]


def test_overwrite_replaces_a_dataset_of_an_older_schema(toy, dataset):
    manifest = dataset.path / MANIFEST_NAME
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"schema_version": "2"', '"schema_version": "1"'))
    with pytest.raises(UsageError, match="schema_version is '1'"):
        open_dataset(dataset.path)
    toy.write_toy(dataset.path, overwrite=True).check_files()


def test_overwrite_takes_an_empty_folder(toy, tmp_path):
    (tmp_path / "world").mkdir()
    toy.write_toy(tmp_path / "world", overwrite=True).check_files()


def test_overwrite_without_anything_to_overwrite(toy, tmp_path):
    toy.write_toy(tmp_path / "world", overwrite=True).check_files()


def test_overwrite_never_takes_a_folder_of_somebody_else(toy, tmp_path):
    thesis = tmp_path / "world" / "thesis.tex"
    thesis.parent.mkdir()
    thesis.write_text("x")
    with pytest.raises(UsageError, match=r"is not a fraudsim dataset \(it has no manifest.json\)"):
        toy.write_toy(tmp_path / "world", overwrite=True)
    assert thesis.exists()


def test_overwrite_does_not_lose_what_stands_beside_the_tables(toy, dataset):
    (dataset.path / "notes.md").write_text("x")
    with pytest.raises(UsageError, match=r"holds notes.md, which is not part of the dataset"):
        toy.write_toy(dataset.path, overwrite=True)
    assert (dataset.path / "notes.md").exists()


def test_overwrite_does_not_follow_links(toy, dataset):
    link = dataset.path.with_name("link")
    link.symlink_to(dataset.path)
    with pytest.raises(UsageError, match="link is not a folder"):
        toy.write_toy(link, overwrite=True)
    with pytest.raises(UsageError, match="link exists"):
        toy.write_toy(link)


def test_overwrite_does_not_take_a_file(toy, tmp_path):
    (tmp_path / "world").write_text("x")
    with pytest.raises(UsageError, match="world is not a folder"):
        toy.write_toy(tmp_path / "world", overwrite=True)


def test_a_foreign_folder_with_the_name_aside_is_not_removed(toy, tmp_path):
    foreign = tmp_path / "world.partial"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match=r"world\.partial is left from a run"):
        toy.write_toy(tmp_path / "world")
    with pytest.raises(UsageError, match=r"world\.partial is not a fraudsim dataset"):
        toy.write_toy(tmp_path / "world", overwrite=True)
    assert (foreign / "thesis.tex").exists()


def test_an_old_dataset_that_a_killed_run_moved_aside_is_named(toy, dataset):
    old = dataset.path.rename(dataset.path.with_name("world.replaced"))
    with pytest.raises(UsageError, match=r"world\.replaced is an earlier dataset, moved aside"):
        toy.write_toy(dataset.path)
    assert old.exists()
    toy.write_toy(dataset.path, overwrite=True).check_files()
    assert not old.exists()


def test_a_folder_that_appears_in_the_meantime_is_left_as_it_is(toy, tmp_path):
    out = tmp_path / "world"
    with pytest.raises(FraudsimError, match="world appeared while this run was going"):
        toy.write_toy(out, before_commit=lambda *_: out.mkdir())
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_a_file_that_appears_in_the_meantime_is_not_overwritten(toy, dataset):
    notes = dataset.path / "notes.md"
    with pytest.raises(UsageError, match=r"holds notes\.md, which is not part"):
        toy.write_toy(
            dataset.path, overwrite=True, before_commit=lambda *_: notes.write_text("x") and None
        )
    assert notes.exists()
    open_dataset(dataset.path).check_files()


# --- the order in which things become visible ---


def test_the_manifest_is_written_last_and_the_mark_goes_before_the_name(toy, tmp_path, monkeypatch):
    seen = []
    publish, rename = local_place.publish, Path.rename

    def spy_publish(folder, out, **how):
        seen.append(
            ("publish", (folder / MANIFEST_NAME).exists(), (folder / UNFINISHED_NAME).exists())
        )
        publish(folder, out, **how)

    def spy_rename(path, target):
        if path.name == "world.partial":
            seen.append(("rename", (path / UNFINISHED_NAME).exists()))
        else:
            assert not (tmp_path / "world.partial" / MANIFEST_NAME).exists()
        return rename(path, target)

    monkeypatch.setattr(local_place, "publish", spy_publish)
    monkeypatch.setattr(Path, "rename", spy_rename)
    toy.write_toy(tmp_path / "world")
    assert seen == [("publish", True, True), ("rename", False)]


def test_every_file_and_folder_is_synced_before_the_name_is_given(toy, tmp_path, monkeypatch):
    synced = set()
    sync = staging.sync

    def spy(path):
        sync(path)
        synced.add(path.relative_to(tmp_path).as_posix())

    monkeypatch.setattr(local_place, "sync", spy)
    monkeypatch.setattr(staging, "sync", spy)
    dataset = toy.write_toy(tmp_path / "world")
    files = {f"world.partial/{file}" for file in dataset.manifest.files}
    folders = {"world.partial", ".", "world.partial/events/month=2025-01"}
    assert synced >= files | folders | {f"world.partial/{MANIFEST_NAME}"}


# --- the same bytes ---


def test_the_digest_depends_on_the_rows(toy, tmp_path):
    one = toy.write_toy(tmp_path / "one")
    two = toy.write_toy(tmp_path / "two")
    other = toy.write_toy(tmp_path / "x", toy.edited(toy.toy_rows(), "events", 71, ip_country="FR"))
    assert one.digest == two.digest != other.digest
    assert (one.path / MANIFEST_NAME).read_bytes() == (two.path / MANIFEST_NAME).read_bytes()


def test_the_order_of_the_parts_does_not_matter(toy, tmp_path):
    sources = [AttackSource(name=name, file_sha256="0" * 64) for name in ("a", "b")]
    toy.write_toy(tmp_path / "one", attacks_from=sources)
    toy.write_toy(
        tmp_path / "two",
        before_commit=lambda _, parts: parts[::-1],
        attacks_from=reversed(sources),
    )
    one, two = ((tmp_path / name / MANIFEST_NAME).read_bytes() for name in ("one", "two"))
    assert one == two


def test_bytes_do_not_depend_on_chunks(toy, writer):
    frame = toy.frame_of("devices", [(i, "phone", "ios") for i in range(300_000)])
    whole = write_part(writer.place, "devices", frame)
    (writer.place.folder / whole.path).unlink()
    cuts = np.sort(np.random.default_rng(5).integers(0, 300_000, 7)).tolist()
    pieces = [frame[a:b] for a, b in zip([0, *cuts], [*cuts, 300_000], strict=True)]
    chunked = pl.concat(pieces, rechunk=False)
    assert chunked.n_chunks() > 1
    assert write_part(writer.place, "devices", chunked) == whole


def a_few_rows_more(frame, cuts):
    yield from (frame[a:b] for a, b in zip([0, *cuts], [*cuts, frame.height], strict=True))


@pytest.mark.parametrize("at_once", [1, 200_000, 1 << 20])
def test_a_table_in_pieces_has_the_bytes_of_the_whole(toy, writer, monkeypatch, at_once):
    monkeypatch.setattr(parquet, "AT_ONCE_ROWS", at_once)
    frame = toy.frame_of("devices", [(i, "phone", "ios") for i in range(300_000)])
    whole = write_part(writer.place, "devices", frame)
    (writer.place.folder / whole.path).unlink()
    pieces = a_few_rows_more(frame, [1, 70_000, 70_000, 131_072, 299_999])
    assert write_pieces(writer.place, "devices", pieces) == whole


@pytest.mark.parametrize("at_once", [1, 1 << 20])
def test_a_wrong_piece_is_refused_in_our_own_words(toy, writer, monkeypatch, at_once):
    monkeypatch.setattr(parquet, "AT_ONCE_ROWS", at_once)
    frame = toy.frame_of("devices", [(i, "phone", "ios") for i in range(9)])
    pieces = [frame[:8], frame[8:].drop("os")]
    with pytest.raises(FraudsimError, match=r"devices\.os is missing"):
        write_pieces(writer.place, "devices", iter(pieces))
    assert not (writer.place.folder / "devices.parquet").exists()


def test_no_piece_is_an_empty_table(toy, writer):
    nothing = write_part(writer.place, "devices", toy.frame_of("devices", []))
    (writer.place.folder / nothing.path).unlink()
    assert write_pieces(writer.place, "devices", []) == nothing


WRITE = """
import runpy, sys
from pathlib import Path
import polars as pl
toy = runpy.run_path(sys.argv[1])
rows = toy["toy_rows"]()
rows["devices"] += [(100 + i, "phone", "ios" if i % 7 else "android") for i in range(400_000)]
print(pl.thread_pool_size(), toy["write_toy"](Path(sys.argv[2]), rows).digest)
"""


def test_the_digest_does_not_depend_on_threads_time_zone_locale_or_hash_seed(tmp_path):
    toy = Path(__file__).with_name("toy.py")
    answers = {}
    for threads, zone, seed, language in (
        ("1", "UTC", "0", "C"),
        ("3", "Asia/Tokyo", "5", "de_DE"),
    ):
        surroundings = {
            "POLARS_MAX_THREADS": threads,
            "TZ": zone,
            "PYTHONHASHSEED": seed,
            "LC_ALL": language,
        }
        run = subprocess.run(
            [sys.executable, "-c", WRITE, str(toy), str(tmp_path / threads)],
            env=os.environ | surroundings,
            cwd=Path(parquet.__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        pool, answers[threads] = run.stdout.split()
        assert pool == threads
    assert answers["1"] == answers["3"]
    manifests = [(tmp_path / name / MANIFEST_NAME).read_bytes() for name in answers]
    assert manifests[0] == manifests[1]
