"""The engine ``ray`` on a real cluster of two nodes, two raylets on this machine.

Skipped by name where Ray is not installed; in CI that is a failure (it is in the extra ``test``).
"""

import os
import signal
import subprocess
import sys

import pytest

from fraudsim import cli
from fraudsim.engine import on_ray
from fraudsim.errors import UsageError, WorkerDiedError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.scenario_files import load_scenario
from fraudsim.sinks.local_place import LocalPlace

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray leaves files and sockets open


def assert_same(dataset, undisturbed):
    first = (undisturbed.path / MANIFEST_NAME).read_bytes()
    assert (dataset.path / MANIFEST_NAME).read_bytes() == first
    assert [path.name for path in dataset.path.parent.iterdir()] == [dataset.path.name]


def test_two_nodes_give_the_same_bytes(cluster, crowded, undisturbed, tmp_path):
    assert_same(crowded(tmp_path / "world", engine="ray", workers=4), undisturbed)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_run_outlives_an_actor(
    cluster, crowded, undisturbed, tmp_path, on_day, every_day, actors
):
    killed = []

    def kill_one():
        killed.extend(actors()[:1])
        os.kill(killed[0], signal.SIGKILL)

    out = tmp_path / "world"
    assert_same(crowded(out, engine="ray", workers=3, progress=on_day(20, kill_one)), undisturbed)
    assert len(killed) == 1


def test_what_ray_left_is_resumed_by_a_process(
    cluster, crowded, undisturbed, tmp_path, on_day, ends, every_day, monkeypatch
):
    monkeypatch.setattr("fraudsim.engine.course.MOST_DEATHS", 0)
    with pytest.raises(WorkerDiedError):
        crowded(tmp_path / "world", engine="ray", workers=2, progress=on_day(18, ends))
    assert_same(crowded(tmp_path / "world", resume=True), undisturbed)


def test_an_actor_that_dies_again_and_again_ends_the_run(cluster, crowded, tmp_path, monkeypatch):
    def die(*_, **__):
        raise WorkerDiedError("actor 1 of 2 died")

    monkeypatch.setattr(on_ray.RayHolders, "answer", die)
    with pytest.raises(WorkerDiedError, match="actor 1 of 2 died"):
        crowded(tmp_path / "world", engine="ray", workers=2)
    assert [path.name for path in tmp_path.iterdir()] == ["world.partial"]


@pytest.mark.slow
def test_a_run_outlives_a_node(cluster, crowded, undisturbed, tmp_path, on_day, every_day):
    """Last: afterwards the cluster has one node. Ray takes a minute to notice."""

    def remove():
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    out = tmp_path / "world"
    assert_same(crowded(out, engine="ray", workers=2, progress=on_day(12, remove)), undisturbed)


def test_a_machine_that_does_not_see_the_folder_says_so(crowded_file, tmp_path):
    scenario = load_scenario(str(crowded_file))
    said = on_ray.Holder().take(scenario, 11, [0], LocalPlace(tmp_path / "elsewhere"))
    assert isinstance(said, UsageError)
    assert "elsewhere.partial: write to a folder that every machine of the cluster shares" in str(
        said
    )


def test_without_ray_the_extra_is_named(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'fraudsim\[ray\]'"):
        on_ray.connected()
    out = tmp_path / "world"
    assert cli.main(["simulate", "tiny", "--engine", "ray", "-o", str(out)]) == 2
    assert "pip install 'fraudsim[ray]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_no_cluster_at_the_address(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "fraudsim",
            "simulate",
            "tiny",
            "--engine=ray",
            "-o",
            tmp_path / "w",
        ],
        env=os.environ | {"RAY_ADDRESS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        "fraudsim: error: the engine 'ray' cannot connect to RAY_ADDRESS="
    )
    assert "ray start --head" in done.stderr
