import pytest

from fraudsim.tracks import track as module
from fraudsim.tracks.track import load_track, parsed_track

SMALL_WORLD = """
extends: tiny
name: small-v1
calendar: {days: 40}
population: {customers: 250}
attacks:
  - {pattern: card_testing, campaigns: 4}
  - {pattern: card_not_present_spree, campaigns: 4}
  - {pattern: lost_or_stolen_card, campaigns: 8}
"""

SMALL_TRACK = """
name: small-v1
question: does it run?
world: small-v1
world_seeds: [1, 2]
schedule: {first_test_day: 20, test_days: 10, rounds: 2, delay_days: 3}
genuine_rows: 3000
arms:
  - {name: once, refit: first}
  - {name: each}
"""


@pytest.fixture
def small_track(monkeypatch, tmp_path):
    """A track and a world of a few seconds, in the place of the real ones."""
    (tmp_path / "folder" / "scenarios").mkdir(parents=True)
    (tmp_path / "folder" / "small-v1.yaml").write_text(SMALL_TRACK)
    (tmp_path / "folder" / "scenarios" / "small-v1.yaml").write_text(SMALL_WORLD)
    admission = (module.HERE / "scenarios" / "admission-v1.yaml").read_text()
    (tmp_path / "folder" / "scenarios" / "admission-v1.yaml").write_text(admission)
    monkeypatch.setattr(module, "HERE", tmp_path / "folder")
    assert load_track("small-v1") == parsed_track(SMALL_TRACK, "small-v1.yaml")
    return "small-v1"
