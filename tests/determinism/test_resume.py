"""A run that was killed goes on from its last checkpoint, and nothing in the bytes tells of it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fraudsim.agents.customers.people import build_people
from fraudsim.engine import local
from fraudsim.errors import UsageError, WorkerDiedError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.sinks import local_place, parquet
from fraudsim.sinks.staging import CHECKPOINT_NAME

ROOT = Path(__file__).parents[2]
DAYS = 36

pytestmark = pytest.mark.usefixtures("every_day")


def assert_same(dataset, undisturbed):
    assert dataset.digest == undisturbed.digest
    first = (undisturbed.path / MANIFEST_NAME).read_bytes()
    assert (dataset.path / MANIFEST_NAME).read_bytes() == first
    assert [path.name for path in dataset.path.parent.iterdir()] == [dataset.path.name]
    assert not (dataset.path / CHECKPOINT_NAME).exists()


def test_checkpoints_change_nothing(crowded, undisturbed, tmp_path):
    assert_same(crowded(tmp_path / "world"), undisturbed)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (1, {}, {}),
        (9, {}, {"workers": 3}),  # while cards are heard at tapped merchants
        (15, {"workers": 2}, {}),  # the last day of a month, UTC
        (17, {}, {}),  # after the month was written
        (DAYS - 1, {}, {}),
    ],
)
def test_a_run_goes_on_from_any_day_in_any_hands(
    crowded, undisturbed, tmp_path, on_day, ends, day, before, after
):
    with pytest.raises(WorkerDiedError):
        crowded(tmp_path / "world", progress=on_day(day, ends), **before)
    assert not (tmp_path / "world").exists()
    assert_same(crowded(tmp_path / "world", resume=True, **after), undisturbed)


def test_no_honest_life_is_computed_again(
    crowded, undisturbed, tmp_path, on_day, ends, monkeypatch
):
    with pytest.raises(WorkerDiedError):
        crowded(tmp_path / "world", progress=on_day(20, ends))
    planned = []
    plan_day = local.LocalPopulation.plan_day

    def spy(population, day, orders):
        planned.append(day)
        plan_day(population, day, orders)

    monkeypatch.setattr(local.LocalPopulation, "plan_day", spy)
    assert_same(crowded(tmp_path / "world", resume=True), undisturbed)
    assert planned == list(range(20, DAYS))


def test_a_run_killed_again_and_again_goes_on(crowded, undisturbed, tmp_path, on_day, ends):
    with pytest.raises(WorkerDiedError):
        crowded(tmp_path / "world", progress=on_day(5, ends))
    for day in (5, 6, 21):
        with pytest.raises(WorkerDiedError):
            crowded(tmp_path / "world", resume=True, progress=on_day(day, ends))
    assert_same(crowded(tmp_path / "world", resume=True), undisturbed)


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (parquet, "_check_files_in_place"),
        (parquet, "discard_checkpoint"),
        (local_place, "sync_tree"),
        (local_place, "publish"),
    ],
)
def test_a_run_killed_in_its_last_steps_goes_on(
    crowded, undisturbed, tmp_path, ends, monkeypatch, module, step
):
    """While the tables are checked; when the manifest is there; when the checkpoint is gone."""
    with monkeypatch.context() as patch:
        patch.setattr(module, step, ends)
        with pytest.raises(WorkerDiedError):
            crowded(tmp_path / "world")
    assert_same(crowded(tmp_path / "world", resume=True), undisturbed)


@pytest.mark.parametrize("array", ["states", "opened_day", "later", "rows", "issued", "devices"])
def test_each_array_of_a_block_is_needed(crowded, undisturbed, left, monkeypatch, array):
    """The comparisons above can fail: they do when one of the arrays is not brought back."""
    load_block, load = local.load_block, local.CustomerBlock.load

    def without_rows(*where):
        saved = load_block(*where)
        return saved._replace(**{array: getattr(saved, array)[:0]})

    def without_state(block, *saved):
        names = ("states", "opened_day", "later")
        fresh = dict(zip(names, block.save(), strict=True))
        load(block, *(fresh[n] if n == array else one for n, one in zip(names, saved, strict=True)))

    if array in ("rows", "issued", "devices"):
        monkeypatch.setattr(local, "load_block", without_rows)
    else:
        monkeypatch.setattr(local.CustomerBlock, "load", without_state)
    try:
        digest = crowded(left, resume=True).digest
    except ValueError as error:  # it trips over what is missing
        digest = str(error)
    assert digest != undisturbed.digest


# Killed for real

SCRIPT = """
import sys
from fraudsim.engine import checkpoint, model
checkpoint.COST_SHARE = 1e9
step = model.PaymentModel.step
def telling(model):
    step(model)
    print(model.day, flush=True)
model.PaymentModel.step = telling
from fraudsim.cli import main
sys.exit(main())
"""


def start(crowded_file, out, *options):
    words = ["simulate", crowded_file, "--seed=11", "--quiet", "-o", out, *options]
    command = [sys.executable, "-c", SCRIPT, *map(str, words)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def kill_and_resume(crowded_file, out, kills, chance):
    """Kill a run so many times at moments drawn by ``chance``, then let it end."""
    hands = ([], ["--workers=2"], ["--workers=3"])
    for number in range(kills):
        run = start(
            crowded_file,
            out,
            *(["--resume"] if number else []),
            *hands[chance.integers(len(hands))],
        )
        day = chance.integers(1, DAYS)
        for line in run.stdout:
            if int(line) >= day:
                break
        time.sleep(chance.uniform(0, 0.3))
        run.send_signal(signal.SIGKILL)
        run.communicate()
        if run.returncode == 0 or (out / MANIFEST_NAME).is_file():
            return  # it was done before the signal came, or whole and about to end
    run = start(crowded_file, out, "--resume")
    _, said = run.communicate(timeout=600)
    assert run.returncode == 0, said


@pytest.mark.parametrize(
    "kills", [2, pytest.param(10, marks=pytest.mark.slow)], ids=["2 kills", "10 kills"]
)
def test_a_run_killed_at_random_moments_gives_the_same_bytes(
    crowded_file, undisturbed, tmp_path, kills
):
    seed = int(np.random.SeedSequence().entropy)
    print("moments drawn with seed", seed)  # shown when the test fails
    kill_and_resume(crowded_file, tmp_path / "world", kills, np.random.default_rng(seed))
    assert (tmp_path / "world" / MANIFEST_NAME).read_bytes() == (
        undisturbed.path / MANIFEST_NAME
    ).read_bytes()


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_that_dies_leaves_what_can_be_resumed(crowded, undisturbed, tmp_path, on_day):
    def kill_a_worker():
        workers = [
            pid
            for pid in children_of(os.getpid())
            if b"fraudsim.engine.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        assert len(workers) == 2  # and this process
        os.kill(workers[1], signal.SIGKILL)

    message = (
        r"worker process 2 of 2 died \(killed by signal 9\); .*world\.partial is kept: .*--res"
    )
    with pytest.raises(WorkerDiedError, match=message):
        crowded(tmp_path / "world", workers=3, progress=on_day(20, kill_a_worker))
    assert [path.name for path in tmp_path.iterdir()] == ["world.partial"]
    with pytest.raises(UsageError, match=r"go on with simulate --resume"):
        crowded(tmp_path / "world")
    assert_same(crowded(tmp_path / "world", resume=True), undisturbed)


def test_no_trait_of_people_changes_but_the_day_of_opening(crowded, tmp_path, monkeypatch):
    """So nothing else of them is stored."""
    seen = []
    close = local.LocalPopulation.close

    def spy(population, received):
        seen.append(population)
        return close(population, received)

    monkeypatch.setattr(local.LocalPopulation, "close", spy)
    crowded(tmp_path / "world")
    (population,) = seen
    opened = 0
    for number, block in population._blocks.items():
        people = build_people(population._world, number, population._streams)
        opened += int((people["opened_day"] != block.people["opened_day"]).sum())
        people["opened_day"] = block.people["opened_day"]
        assert np.array_equal(people, block.people)
    assert opened > 0
    shutil.rmtree(tmp_path / "world")
