"""A run that is killed leaves nothing that could be taken for a whole dataset."""

import signal

import pytest

from fraudsim.dataset import open_dataset
from fraudsim.errors import UsageError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.sinks.staging import UNFINISHED_NAME

HANG = """
import signal
from fraudsim.sinks import local_place, parquet, staging
def hang(*_, **__):
    print("here", flush=True)
    signal.pause()
"""
# where the child waits to be killed
IN_A_PART = (
    "rename = Path.rename\n"
    "Path.rename = lambda p, t: hang() if 'month' in str(p) else rename(p, t)\n"
)
AFTER_THE_PARTS = "parquet._check_files_in_place = hang\n"
AFTER_THE_MANIFEST = "local_place.publish = hang\n"
BEFORE_THE_NAME = (
    "rename = Path.rename\n"
    "Path.rename = lambda p, t: hang() if p.name == 'world.partial' else rename(p, t)\n"
)
BEFORE_THE_OLD_ONE_IS_REMOVED = "staging.shutil.rmtree = hang\n"


@pytest.fixture
def kill(start):
    """Kill a run with ``kill -9`` at some point of its writing."""

    def kill(out, where, call="toy.write_toy(out)"):
        child = start(out, HANG + where + call)
        assert child.stdout.readline() == "here\n", child.stderr.read()
        child.kill()
        assert child.wait() == -signal.SIGKILL

    return kill


@pytest.mark.parametrize(
    ("where", "left"),
    [
        (IN_A_PART, "transactions/month=2025-01/part-00000.parquet.tmp"),
        (AFTER_THE_PARTS, "balances.parquet"),
        (AFTER_THE_MANIFEST, MANIFEST_NAME),
        (BEFORE_THE_NAME, MANIFEST_NAME),
    ],
    ids=["in a part", "after the parts", "after the manifest", "before the name"],
)
def test_a_killed_run_is_absent_refused_by_name_and_replaced_when_asked(
    toy, tmp_path, kill, where, left
):
    out, partial = tmp_path / "world", tmp_path / "world.partial"
    kill(out, where)
    assert not out.exists()
    assert (partial / left).is_file()
    with pytest.raises(UsageError, match=r"world does not exist; world\.partial beside it is left"):
        open_dataset(out)
    with pytest.raises(UsageError, match=r"world\.partial is left from a run that was killed"):
        toy.write_toy(out)
    assert (partial / left).is_file()
    toy.write_toy(out, overwrite=True).check_files()
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


@pytest.mark.parametrize("where", [IN_A_PART, AFTER_THE_PARTS])
def test_the_folder_of_a_killed_run_is_not_a_dataset(tmp_path, kill, where):
    kill(tmp_path / "world", where)
    assert (tmp_path / "world.partial" / UNFINISHED_NAME).is_file()
    with pytest.raises(UsageError, match=r"not a finished fraudsim dataset: .* a killed run\?"):
        open_dataset(tmp_path / "world.partial")


@pytest.mark.parametrize("where", [IN_A_PART, AFTER_THE_PARTS, AFTER_THE_MANIFEST])
def test_a_killed_run_leaves_the_dataset_it_should_overwrite(toy, tmp_path, kill, where):
    old = toy.write_toy(tmp_path / "world")
    kill(old.path, where, "toy.write_toy(out, overwrite=True)")
    assert open_dataset(old.path) == old
    old.check_files()


def test_a_run_killed_while_it_swaps_old_for_new_keeps_both(toy, tmp_path, kill):
    rows = toy.without(toy.toy_rows(), "events", 71)
    old = toy.write_toy(tmp_path / "world", rows)
    kill(old.path, BEFORE_THE_NAME, "toy.write_toy(out, overwrite=True)")
    assert not old.path.exists()
    assert open_dataset(tmp_path / "world.replaced").digest == old.digest
    with pytest.raises(UsageError, match=r"world\.partial is left from a run"):
        toy.write_toy(old.path)
    toy.write_toy(old.path, overwrite=True).check_files()
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_a_run_killed_before_the_old_one_is_removed_is_finished(toy, tmp_path, kill):
    rows = toy.without(toy.toy_rows(), "events", 71)
    old = toy.write_toy(tmp_path / "world", rows)
    kill(old.path, BEFORE_THE_OLD_ONE_IS_REMOVED, "toy.write_toy(out, overwrite=True)")
    new = open_dataset(old.path)
    new.check_files()
    assert new.digest != old.digest
    toy.write_toy(old.path, overwrite=True).check_files()
    assert [path.name for path in tmp_path.iterdir()] == ["world"]
