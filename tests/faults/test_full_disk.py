"""A disk that is full, broken or closed: one line that names the file, and nothing left."""

import errno
import os
import subprocess

import pytest

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.sinks import local_place

LIMITED = """
import resource
from fraudsim.errors import FraudsimError
from fraudsim.manifest import Manifest
to_json = Manifest.to_json
Manifest.to_json = lambda self: to_json(self) + " " * 500_000
resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))
try:
    toy.write_toy(out)
except FraudsimError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    ("limit_bytes", "file"),
    [
        (10, "UNFINISHED"),
        (1_000, "customers.parquet"),
        (9_000, "transactions/month=2025-01/part-00000.parquet"),
        (20_000, "croissant.json"),
        (300_000, "manifest.json"),
    ],
)
def test_a_limit_on_the_size_of_a_file(tmp_path, start, limit_bytes, file):
    child = start(tmp_path / "world", f"LIMIT = {limit_bytes}\n{LIMITED}")
    out, err = child.communicate(timeout=120)
    place = tmp_path / "world.partial" / file
    assert out == f"FraudsimError cannot write {place}: File too large\n", err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def many_devices(toy):
    numbers = [(i * i * 2_654_435_761) % 2**52 for i in range(200_000)]
    return toy.toy_rows() | {"devices": [(number, "phone", "ios") for number in numbers]}


def test_a_full_disk(toy, small_disk):
    message = r"cannot write .*world\.partial/devices\.parquet: No space left on device$"
    with pytest.raises(FraudsimError, match=message):
        toy.write_toy(small_disk / "world", many_devices(toy))
    assert list(small_disk.iterdir()) == []


def test_a_full_disk_leaves_the_dataset_that_should_be_overwritten(toy, small_disk):
    old = toy.write_toy(small_disk / "world")
    with pytest.raises(FraudsimError, match="No space left on device"):
        toy.write_toy(old.path, many_devices(toy), overwrite=True)
    old.check_files()
    assert list(small_disk.iterdir()) == [old.path]


def test_a_disk_that_fails_when_the_files_are_synced(toy, tmp_path, monkeypatch):
    def broken(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(local_place, "sync", broken)
    with pytest.raises(
        FraudsimError, match=r"cannot write .*world\.partial/\S+: Input/output error$"
    ):
        toy.write_toy(tmp_path / "world")
    assert list(tmp_path.iterdir()) == []


def test_a_place_under_a_file(toy, tmp_path):
    (tmp_path / "table.csv").write_text("a,b")
    with pytest.raises(UsageError, match=r"cannot write to .*world: .*table\.csv: "):
        toy.write_toy(tmp_path / "table.csv" / "world")


def test_a_folder_that_may_not_be_written_to(toy, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        pytest.skip("root may write anywhere")
    with pytest.raises(UsageError, match=r"cannot write to .*world: .*: Permission denied"):
        toy.write_toy(closed / "world")


def test_a_disk_that_is_read_only(toy, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(UsageError, match=r"cannot write to .*world: .*: Read-only file system$"):
        toy.write_toy(small_disk / "world")
