"""A dataset at a URL: whole or absent, never over anything else, every mistake in one line."""

import sys

import pytest

from fraudsim import cli
from fraudsim.dataset import open_dataset
from fraudsim.errors import FraudsimError, TakenOverError, UsageError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.sinks.local_place import LocalPlace
from fraudsim.sinks.parquet import DatasetWriter
from fraudsim.sinks.place import place_of
from fraudsim.sinks.remote_place import RemotePlace
from fraudsim.sinks.staging import UNFINISHED_NAME

URL = "memory://bank/world"


@pytest.fixture
def memory():
    """The store of fsspec that lies in this process, empty."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: fraudsim[remote]")
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pseudo_dirs[:] = [""]
    return store


def names(store, folder="/bank"):
    return sorted(path.removeprefix("/bank/") for path in store.find(folder))


def write_and(toy, deed, *, overwrite=False):
    """Write the parts, do something, then commit."""
    with DatasetWriter(URL, overwrite=overwrite) as writer:
        parts = toy.write_tables(writer.place, toy.toy_rows())
        deed()
        writer.commit(parts, scenario=toy.SCENARIO, seed=1)


def raising(kind):
    def deed():
        raise kind

    return deed


def take_over():
    place_of(URL).begin(overwrite=False, resume=True)


def test_it_has_the_files_and_bytes_of_the_folder(toy, memory, tmp_path):
    folder = toy.write_toy(tmp_path / "world").path
    dataset = toy.write_toy(URL)
    assert dataset.where == URL
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    files = {name: data for name, data in files.items() if (folder / name).is_file()}
    assert {f"world/{name}" for name in files} == set(names(memory))
    assert {name: memory.cat_file(f"/bank/world/{name}") for name in files} == files


def test_the_manifest_comes_after_all_else(toy, memory, monkeypatch):
    written = []
    put = type(memory).pipe_file

    def spy(store, path, value, **how):
        written.append(path.rpartition("/")[2])
        put(store, path, value, **how)

    monkeypatch.setattr(type(memory), "pipe_file", spy)
    toy.write_toy(URL)
    assert written[0] == UNFINISHED_NAME
    assert written[-1] == MANIFEST_NAME


def test_what_exists_is_refused_and_replaced_when_asked(toy, memory):
    first = toy.write_toy(URL)
    with pytest.raises(UsageError, match=r"memory://bank/world exists; .* --overwrite$"):
        toy.write_toy(URL)
    rows = toy.without(toy.toy_rows(), "events", 71)
    assert toy.write_toy(URL, rows, overwrite=True).digest != first.digest
    assert not memory.exists("/bank/world/UNFINISHED")


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt])
@pytest.mark.parametrize("overwrite", [False, True])
def test_an_error_leaves_nothing(toy, memory, kind, overwrite):
    if overwrite:
        toy.write_toy(URL)
    memory.pipe_file("/bank/world-of-others/x", b"x")
    with pytest.raises(kind):
        write_and(toy, raising(kind), overwrite=overwrite)
    assert names(memory) == ["world-of-others/x"]


def killed(toy):
    """Leave what a killed run leaves."""
    place = place_of(URL)
    place.begin(overwrite=False, resume=False)
    toy.write_tables(place, toy.toy_rows())


def test_what_a_killed_run_left_is_refused_by_name(toy, memory):
    killed(toy)
    with pytest.raises(UsageError, match="world is left from a run that was killed or is still"):
        toy.write_toy(URL)
    toy.write_toy(URL, overwrite=True)
    assert not memory.exists("/bank/world/UNFINISHED")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("before", ["nothing", "a dataset", "a killed run"])
def test_a_file_of_somebody_else_is_never_lost(toy, memory, overwrite, before):
    if before == "a dataset":
        toy.write_toy(URL)
    elif before == "a killed run":
        killed(toy)
    memory.pipe_file("/bank/world/thesis.tex", b"x")
    present = names(memory)
    with pytest.raises(UsageError, match=r"memory://bank/world"):
        toy.write_toy(URL, overwrite=overwrite)
    assert names(memory) == present


def test_a_table_of_somebody_else_is_not_taken_for_ours(toy, memory):
    memory.pipe_file("/bank/world/customers.parquet", b"x")
    with pytest.raises(UsageError, match=r"holds customers\.parquet, which is no part of"):
        toy.write_toy(URL, overwrite=True)


def test_a_file_that_changed_or_appeared_is_noticed(toy, memory):
    for harm, message in (
        (lambda: memory.pipe_file("/bank/world/cards.parquet", b"x"), "is not what was written"),
        (lambda: memory.rm("/bank/world/cards.parquet"), r"cards\.parquet is gone"),
        (lambda: memory.pipe_file("/bank/world/x", b""), "world/x was not handed to"),
    ):
        memory.store.clear()
        with pytest.raises(FraudsimError, match=message):
            write_and(toy, harm)
        assert set(names(memory)) <= {"world/x"}


def test_a_run_that_was_taken_over_stops_and_removes_nothing(toy, memory):
    with pytest.raises(TakenOverError, match="another run has taken memory://bank/world over"):
        write_and(toy, take_over)
    assert memory.exists("/bank/world/cards.parquet")
    assert not memory.exists("/bank/world/manifest.json")


def test_an_interrupted_run_that_was_taken_over_removes_nothing(toy, memory):
    def interrupted():
        take_over()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and(toy, interrupted)
    assert memory.exists("/bank/world/cards.parquet")


def test_nothing_to_resume(memory):
    with pytest.raises(UsageError, match=r"there is no killed run to resume \(no UNFINISHED\)"):
        place_of(URL).begin(overwrite=False, resume=True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://", "is like s3://bucket/name"),
        ("s3:/bank/world", "is like s3://bucket/name"),
        ("s3://bank/../other/world", "no '..'"),
        ("s3://bank//world", "no empty part"),
        ("s3://bank/w*", r"none of \*"),
        ("s3://bank/w[ab]", r"none of \*"),
        ("simplecache::s3://bank/world", "is like s3://bucket/name"),
        ("s3://bank", "a whole bucket: give a name in it, like s3://bank/world"),
        ("file:///srv/world", "a folder is named by its path: /srv/world"),
        ("s4://bank/world", "fsspec knows no protocol 's4'"),
    ],
)
def test_a_url_that_is_no_place(capsys, url, message):
    with pytest.raises(UsageError, match=message):
        place_of(url)
    assert cli.main(["simulate", "tiny", "-o", url]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_package_that_is_missing_is_named(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "fsspec", None)
        with pytest.raises(UsageError, match=r"pip install 'fraudsim\[remote\]', and the package"):
            place_of("s3://bank/world")
    if "gcsfs" not in sys.modules:
        monkeypatch.setitem(sys.modules, "gcsfs", None)
        with pytest.raises(UsageError, match=r"gs://bank/world: .*gcsfs.* \(pip install it\)"):
            place_of("gs://bank/world")


def test_a_machine_that_cannot_reach_the_store_says_so(memory):
    with pytest.raises(
        UsageError, match="the machine third cannot write to the store: cannot read"
    ):
        RemotePlace.at(URL).seen_by("third")


@pytest.mark.parametrize(
    "command",
    [["verify"], ["benchmark"], ["audit"], ["rebalance", "-o", "x.parquet"], ["report", "-o", "x"]],
    ids=lambda words: words[0],
)
def test_commands_that_read_say_to_copy_first(capsys, command):
    assert cli.main([command[0], "s3://bank/world", *command[1:]]) == 2
    said = capsys.readouterr().err
    assert "s3://bank/world is in an object store" in said
    assert "copy it first" in said
    assert said.count("\n") == 1


def test_open_dataset_says_to_copy_first():
    with pytest.raises(UsageError, match="copy it first"):
        open_dataset("s3://bank/world")


def test_a_folder_is_a_folder(tmp_path):
    assert place_of(tmp_path / "world") == LocalPlace(tmp_path / "world")
    assert place_of("C:/worlds/7").out.name == "7"
