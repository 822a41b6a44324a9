"""The audit's lists of attacks go with the patterns that there are."""

from fraudsim.quality.fraud_life.frauds import FIRST_PARTY, SCAMS
from fraudsim.registry import ATTACKS, discover

OURS = {
    name: cls.__module__.split(".")[2]
    for name, cls in discover(ATTACKS).items()
    if cls.__module__.startswith("fraudsim.attacks.") and not name.endswith("_playbook")
}


def test_first_parties_and_mules_are_no_victims():
    folders = ("first_party", "mules", "laundering")
    assert set(FIRST_PARTY) == {name for name, folder in OURS.items() if folder in folders}


def test_every_scam_counts_as_one():
    assert set(SCAMS) == {name for name, folder in OURS.items() if folder == "scams"}
