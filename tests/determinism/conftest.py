"""A small world with all that a checkpoint must bring back, and ways to end a run."""

import shutil

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
