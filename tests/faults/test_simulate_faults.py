"""``fraudsim simulate`` killed, interrupted or out of disk: absent, refused by name, recovered."""

import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from fraudsim.dataset import open_dataset
from fraudsim.errors import UsageError

ROOT = Path(__file__).parents[2]
# two blocks, so that two workers have work; two months, so that a part is written on the way
SMALL = (
    "--set=population.customers=60",
    "--set=population.block_size=30",
    "--set=calendar.start=2025-01-16",
    "--seed=7",
)


def command(out, *options):
    return [sys.executable, "-m", "fraudsim", "simulate", "tiny", *SMALL, *options, "-o", str(out)]


def simulate(out, *options, **how):
    run = partial(subprocess.run, cwd=ROOT, capture_output=True, text=True, timeout=300)
    return run(command(out, *options), check=False, **how)


def last_line(run):
    return run.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The dataset of a run that nobody disturbs."""
    out = tmp_path_factory.mktemp("undisturbed") / "world"
    run = simulate(out)
    assert run.returncode == 0, run.stderr
    return open_dataset(out)


@pytest.fixture
def halfway():
    """Start a run and return it when it says that it is more than half done."""
    started = []

    def halfway(out, *options):
        run = subprocess.Popen(command(out, *options), cwd=ROOT, stderr=subprocess.PIPE, text=True)
        started.append(run)
        for line in run.stderr:
            if ": 60 %" in line:
                return run
        pytest.fail(f"the run ended before it was halfway: exit code {run.wait()}")

    yield halfway
    for run in started:
        run.kill()
        run.communicate()


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_ended(pids):
    for _ in range(300):
        if not any(map(is_running, pids)):
            return
        time.sleep(0.1)
    pytest.fail(f"still running after 30 s: {[pid for pid in pids if is_running(pid)]}")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_is_absent_refused_by_name_and_recovered(tmp_path, halfway, whole, workers):
    out, partial_folder = tmp_path / "world", tmp_path / "world.partial"
    run = halfway(out, f"--workers={workers}")
    children = children_of(run.pid)
    assert len(children) >= workers - 1
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    wait_until_ended(children)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["world.partial"]
    assert (partial_folder / "transactions" / "month=2025-01").is_dir()
    for folder in (out, partial_folder):
        with pytest.raises(UsageError, match="killed"):
            open_dataset(folder)
    again = simulate(out)
    assert again.returncode == 2
    assert f"{partial_folder} is left from a run that was killed" in last_line(again)
    recovered = simulate(out, "--overwrite")
    assert recovered.returncode == 0, recovered.stderr
    assert open_dataset(out).digest == whole.digest
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_cleans_up(tmp_path, halfway, workers):
    run = halfway(tmp_path / "world", f"--workers={workers}")
    children = children_of(run.pid)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode != 0
    assert "Traceback" not in said
    wait_until_ended(children)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_limit_on_the_size_of_a_file_is_one_line_and_leaves_nothing(tmp_path, whole, workers):
    # the run of `whole` has filled numba's cache, so the first file that is too large is ours
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (9_000, 9_000))
    assert max(file.bytes for file in whole.manifest.files.values()) > 9_000
    run = simulate(tmp_path / "world", f"--workers={workers}", "--quiet", preexec_fn=limit)
    assert run.returncode == 1, run.stderr
    assert f"cannot write {tmp_path}" in last_line(run)
    assert last_line(run).endswith(": File too large")
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []
