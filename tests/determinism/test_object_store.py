"""Runs that write to an object store: an S3 server in another process, reached over HTTP.

The bytes are those of a run to a folder, whoever holds the blocks and wherever a run was killed.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from fraudsim import cli
from fraudsim.engine import simulate
from fraudsim.errors import UsageError, WorkerDiedError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.scenario_files import load_scenario

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.filterwarnings("ignore")  # s3fs and Ray leave sockets open


@pytest.fixture
def url(s3, request):
    """A place that no other test has."""
    return f"s3://bank/{abs(hash(request.node.name))}"


def files_at(store, url):
    path = url.removeprefix("s3://")
    return {name.removeprefix(f"{path}/"): name for name in store.find(path)}


def assert_same(store, url, undisturbed):
    """The very files of the folder, byte for byte, and nothing else."""
    found = files_at(store, url)
    folder = undisturbed.path
    right = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    assert sorted(found) == sorted(right)
    for name in right:
        assert store.cat_file(found[name]) == (folder / name).read_bytes(), name


@pytest.mark.parametrize("how", [{}, {"workers": 2}], ids=["serial", "processes"])
def test_the_bytes_are_those_of_a_folder(s3, url, crowded, undisturbed, every_day, how):
    dataset = crowded(url, **how)
    assert_same(s3, url, undisturbed)
    assert (dataset.digest, dataset.where) == (undisturbed.digest, url)


def test_ray_on_two_nodes_needs_no_shared_folder(
    s3, cluster, url, crowded, undisturbed, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    crowded(url, engine="ray", workers=4)
    assert_same(s3, url, undisturbed)
    assert list(tmp_path.iterdir()) == []


def test_a_run_on_ray_outlives_an_actor(
    s3, cluster, url, crowded, undisturbed, on_day, every_day, actors
):
    killed = []

    def kill_one():
        killed.extend(actors()[:1])
        os.kill(killed[0], signal.SIGKILL)

    crowded(url, engine="ray", workers=3, progress=on_day(20, kill_one))
    assert len(killed) == 1
    assert_same(s3, url, undisturbed)


def test_a_run_that_lost_a_worker_is_refused_then_resumed(
    s3, url, crowded, undisturbed, on_day, ends, every_day
):
    with pytest.raises(WorkerDiedError):
        crowded(url, progress=on_day(20, ends))
    left = files_at(s3, url)
    assert "checkpoint/checkpoint.json" in left
    assert MANIFEST_NAME not in left
    with pytest.raises(UsageError, match="go on with simulate --resume"):
        crowded(url)
    with pytest.raises(UsageError, match="left by another run: its seed is 11, not 12"):
        crowded(url, seed=12, resume=True)
    s3.pipe_file(left["checkpoint/journal-00007.npz"], b"PK")
    with pytest.raises(UsageError, match=r"journal-00007\.npz: damaged"):
        crowded(url, resume=True)
    crowded(url, overwrite=True)
    assert_same(s3, url, undisturbed)


@pytest.mark.parametrize("after", [{}, {"workers": 2}], ids=["serial", "processes"])
def test_a_run_that_lost_a_worker_goes_on(
    s3, url, crowded, undisturbed, on_day, ends, every_day, after
):
    with pytest.raises(WorkerDiedError):
        crowded(url, workers=3, progress=on_day(24, ends))
    crowded(url, resume=True, **after)
    assert_same(s3, url, undisturbed)


KILLED = """
import os, signal, sys
from fraudsim.engine import checkpoint, model
checkpoint.COST_SHARE = 1e9
step = model.PaymentModel.step
def dying(model):
    if model.day == 20:
        os.kill(os.getpid(), signal.SIGKILL)
    step(model)
model.PaymentModel.step = dying
from fraudsim.cli import main
main()
"""


def test_a_run_killed_for_real_goes_on(s3, url, crowded, crowded_file, undisturbed):
    command = ["simulate", str(crowded_file), "--seed=11", "--quiet", "-o", url]
    run = subprocess.run([sys.executable, "-c", KILLED, *command], cwd=ROOT, check=False)
    assert run.returncode == -signal.SIGKILL
    assert MANIFEST_NAME not in files_at(s3, url)
    assert cli.main(command) == 2
    assert cli.main([*command, "--resume"]) == 0
    assert_same(s3, url, undisturbed)


@pytest.mark.parametrize("step", ["discard_checkpoint", "finish"])
def test_a_run_killed_in_its_last_steps_goes_on(
    s3, url, crowded, undisturbed, ends, monkeypatch, step
):
    with monkeypatch.context() as patch:
        patch.setattr(
            "fraudsim.sinks."
            + ("parquet." if step == "discard_checkpoint" else "remote_place.RemotePlace.")
            + step,
            ends,
        )
        with pytest.raises(WorkerDiedError):
            crowded(url)
    crowded(url, resume=True)
    assert_same(s3, url, undisturbed)


TINY = ("tiny", "--set=population.customers=30", "--set=calendar.days=4", "--quiet")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bucket_that_is_missing_is_one_line(s3, capsys, workers):
    words = [*TINY, "--set=population.block_size=15", f"--workers={workers}"]
    assert cli.main(["simulate", *words, "-o", "s3://nowhere/world"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("fraudsim: error: cannot list s3://nowhere/world: The specified bucket")
    assert said.count("\n") == 1


def test_a_bucket_that_is_gone_on_the_way_leaves_no_dataset(s3, capsys, monkeypatch):
    s3.mkdir("brief")

    def remove(_manifest):
        s3.rm("brief", recursive=True)
        return {"README.md": "x"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fraudsim.sinks.parquet.pages", remove)
        assert cli.main(["simulate", *TINY, "-o", "s3://brief/world"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("fraudsim: error: cannot ")
    assert said.count("\n") == 1
    assert not s3.exists("brief/world")


def test_the_command_line_writes_and_polars_reads(s3, url, capsys, tmp_path):
    assert cli.main(["simulate", *TINY, "-o", url]) == 0
    said = capsys.readouterr().out
    assert f"wrote {url}\n" in said
    assert "next:" not in said
    dataset = simulate(
        load_scenario("tiny", overrides=[w.partition("=")[2] for w in TINY[1:3]]),
        1,
        tmp_path / "world",
    )
    scanned = pl.scan_parquet(
        f"{url}/transactions/*/*.parquet",
        hive_partitioning=False,
        storage_options={
            "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"],
            "aws_allow_http": "true",
            "aws_access_key_id": "nobody",
            "aws_secret_access_key": "nothing",
            "aws_region": "us-east-1",
        },
        credential_provider=None,
    )
    assert scanned.select(pl.len()).collect().item() == dataset.row_counts["transactions"]
