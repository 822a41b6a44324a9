"""A small world with all that a checkpoint must bring back, ways to end a run, and real services.

Ray and an S3 server are skipped by name where they are not installed; in CI that is a failure.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fraudsim.engine import checkpoint, simulate
from fraudsim.errors import WorkerDiedError
from fraudsim.scenario_files import load_scenario

# Seven blocks for up to seven workers; a month that ends on the way; taps, rings, accounts opened
# in stolen names, evasions: whatever a fraudster remembers from day to day.
CROWDED = """
extends: tiny
name: crowded
calendar: {start: 2025-01-16, days: 36}
population: {customers: 210, block_size: 30}
attacks:
  - {pattern: card_not_present_spree, campaigns: 2, last_day: 8, parameters: {listen_days: 9.0}}
  - {pattern: counterfeit_cash_out, campaigns: 2, last_day: 12, parameters: {listen_days: 6.0}}
  - {pattern: merchant_breach, campaigns: 1, last_day: 3}
  - {pattern: mule_pass_through, campaigns: 2, last_day: 12}
  - {pattern: enumeration, campaigns: 2}
  - {pattern: wallet_provisioning, campaigns: 2}
  - {pattern: application_fraud, campaigns: 2, last_day: 10}
  - {pattern: account_takeover, campaigns: 3, evasions: [{evasion: device_spoofing}]}
  - {pattern: bust_out, campaigns: 1, last_day: 3, parameters: {weeks: 2}}
"""
SEED = 11


@pytest.fixture(scope="session")
def crowded_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "crowded.yaml"
    path.write_text(CROWDED)
    return path


@pytest.fixture(scope="session")
def crowded(crowded_file):
    """Run the small world: ``crowded(out, resume=True, ...)``."""
    scenario = load_scenario(str(crowded_file))

    def run(out, *, seed=SEED, **how):
        return simulate(scenario, seed, out, **how)

    return run


@pytest.fixture(scope="session")
def undisturbed(crowded, tmp_path_factory):
    """The dataset of a run that nobody disturbs."""
    return crowded(tmp_path_factory.mktemp("undisturbed") / "world")


class OnDay:
    """A progress that does something when a day is about to begin."""

    def __init__(self, day, deed):
        self.day, self.deed, self.now = day, deed, 0

    def task(self, *_, **__):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def advance(self, steps=1, /):
        self.now += steps
        if steps and self.now == self.day:
            self.deed()


@pytest.fixture
def on_day():
    return OnDay


def die(*_, **__):
    """End a run and leave the folder aside as a kill does, without a process to kill."""
    raise WorkerDiedError("the end")


@pytest.fixture
def ends():
    return die


@pytest.fixture
def every_day(monkeypatch):
    """Write a checkpoint after every day, whatever it costs."""
    monkeypatch.setattr(checkpoint, "COST_SHARE", 1e9)


@pytest.fixture(scope="session")
def left_once(crowded, tmp_path_factory):
    """The folder aside of a run that ended on day 24."""
    out = tmp_path_factory.mktemp("left") / "world"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "COST_SHARE", 1e9)
        with pytest.raises(WorkerDiedError):
            crowded(out, progress=OnDay(24, die))
    return out.with_name("world.partial")


@pytest.fixture
def left(left_once, tmp_path):
    """Where a dataset is to be, of which a run left the folder aside on day 24."""
    shutil.copytree(left_once, tmp_path / "world.partial")
    return tmp_path / "world"


@pytest.fixture(scope="module")
def cluster():
    """Start two nodes with two CPUs each, and connect to them."""
    if importlib.util.find_spec("ray") is None:
        reason = "Ray is not installed: pip install 'fraudsim[ray]'"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray
    from ray.cluster_utils import Cluster

    cluster = started(Cluster)
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def started(make, tries=3):
    """Start two nodes; on a busy machine a raylet can miss Ray's own deadline of 30 s."""
    small = {"num_cpus": 2, "object_store_memory": 100_000_000, "include_dashboard": False}
    for left in reversed(range(tries)):
        cluster = make()
        try:
            for _ in range(2):
                cluster.add_node(**small)
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- Ray raises nothing more exact
            cluster.shutdown()
            if not left:
                pytest.fail(f"the cluster did not start: {error}")
        else:
            return cluster
    return None


@pytest.fixture(scope="module")
def s3():
    """A bucket ``bank`` on a server of this machine, and the environment that leads there."""
    absent = [n for n in ("s3fs", "moto", "flask_cors") if importlib.util.find_spec(n) is None]
    if absent:
        reason = f"{', '.join(absent)}: not installed: pip install 'fraudsim[test]'"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    import s3fs

    try:
        await_answer(port)
        store = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
        store.mkdir("bank")
        yield store
    finally:
        s3fs.S3FileSystem.clear_instance_cache()
        patch.undo()
        server.kill()
        server.wait()


def await_answer(port, seconds=60):
    for _ in range(seconds * 10):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the S3 server did not start")


def actors_now():
    """The processes of the actors, by their title."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::Holder"):
                found.append(int(path.parent.name))
        except OSError:
            continue  # it ended meanwhile
    return sorted(found)


@pytest.fixture
def actors():
    return actors_now
