"""Bad patterns, each broken in one way, and the check that must say so."""

from __future__ import annotations

import random
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ConfigDict

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.contract import CHECKS, broken
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.pattern import AttackPattern, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy
from fraudsim.errors import CheckFailedError, UsageError


class Sound(AttackPattern):
    """Transfer a sum from a few accounts; what the bad ones are but for one thing."""

    name: ClassVar[str] = "test_contract_can_fail"
    summary: ClassVar[str] = "a sound pattern"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(f3=("F1006",))
    sources: ClassVar[tuple[str, ...]] = ("made for this test",)
    look_alike: ClassVar[str] = "paying a friend"
    stages: ClassVar[tuple[str, ...]] = ("send",)

    victims: int = parameter(3, "accounts", "assumption", ge=1)

    def run(self, scene):
        accounts = scene.accounts(self.victims, via="phishing")
        yield self.send(scene, accounts, self.amounts(scene, len(accounts)))

    def amounts(self, scene, count):
        return scene.rng.integers(100, 10_000, count)

    def send(self, scene, accounts, amounts, *, after_s=60.0, stage="send"):
        return scene.transfer(
            accounts, to=scene.payee(), amount_minor=amounts, after_s=after_s, stage=stage
        )


class Unseeded(Sound):
    """Draws from a generator of its own."""

    def amounts(self, _scene, count):
        return np.random.default_rng().integers(100, 10_000, count)


class GlobalNumpy(Sound):
    """Draws from numpy's global generator."""

    def amounts(self, _scene, count):
        return np.random.randint(100, 10_000, count)  # noqa: NPY002 -- what must be found


class GlobalPython(Sound):
    """Moves Python's global generator, though nothing depends on it."""

    def amounts(self, scene, count):
        random.random()  # noqa: S311 -- what must be found
        return super().amounts(scene, count)


class ReadsGlobal(Sound):
    """Depends on the state of a global generator without moving it."""

    def amounts(self, _scene, count):
        return np.full(count, random.getstate()[1][7] % 10_000 + 1)


class Endless(Sound):
    """Tries again for ever."""

    def run(self, scene):
        accounts = scene.accounts(1, via="phishing")
        while True:
            answer = yield self.send(scene, accounts, [100], after_s=0)
            if answer.approved.all():
                return


class NeedsTwo(Sound):
    """Cannot do with one customer."""

    def run(self, scene):
        accounts = scene.accounts(2, via="phishing")
        yield self.send(scene, accounts[1:], self.amounts(scene, len(accounts) - 1))


class BeforeTheClock(Sound):
    """Acts in the past."""

    def send(self, scene, accounts, amounts, *, after_s=-90.0, stage="send"):
        return super().send(scene, accounts, amounts, after_s=after_s, stage=stage)


class WorthNothing(Sound):
    """Sends nothing."""

    def amounts(self, _scene, count):
        return np.zeros(count, dtype=np.int64)


class UndeclaredStage(Sound):
    """Uses a stage that it did not declare."""

    def send(self, scene, accounts, amounts, *, after_s=60.0, stage="sent"):
        return super().send(scene, accounts, amounts, after_s=after_s, stage=stage)


class UnusedStage(Sound):
    """Declares a stage that never occurs."""

    stages: ClassVar[tuple[str, ...]] = ("send", "celebrate")


class Loose(Sound):
    """Takes whatever parameters there are."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Changeable(Sound):
    """Can be changed after it was made."""

    model_config = ConfigDict(frozen=False, extra="forbid")


class Constant(Sound):
    """Does the same every time."""

    def amounts(self, _scene, count):
        return np.full(count, 500)


class Unexplained(Sound):
    """Has a parameter without a source."""

    victims: int = 3


class NoSources(Sound):
    """Names no source."""

    sources: ClassVar[tuple[str, ...]] = ()


class BadCode(Sound):
    """Names a technique that is none."""

    taxonomy: ClassVar[Taxonomy] = Taxonomy(f3=("F12",))


class Untold(Sound):
    __doc__ = ""


class Misnamed(Sound):
    """Is named unlike its file."""

    name: ClassVar[str] = "another_name"


class NotAnAction(Sound):
    """Yields a number."""

    def run(self, _scene):
        yield 7


class NotAGenerator(Sound):
    """Returns instead of yielding."""

    def run(self, scene):
        return self.send(scene, scene.accounts(1, via="phishing"), [100])


class Raises(Sound):
    """Has a mistake of its own."""

    def amounts(self, _scene, count):
        return [100][count]


class Required(Sound):
    """Cannot be made without being told something."""

    victims: int


class GoesOn(Sound):
    """Does not let itself be stopped when the run is over."""

    def run(self, scene):
        accounts = scene.accounts(1, via="phishing")
        for _ in range(60):
            try:
                yield self.send(scene, accounts, self.amounts(scene, 1))
            except GeneratorExit:
                yield self.send(scene, accounts, self.amounts(scene, 1))
            scene.wait(days=1)


class TurnsTheClockBack(Sound):
    """Does today what it should have done yesterday."""

    def run(self, scene):
        accounts = scene.accounts(1, via="phishing")
        yield self.send(scene, accounts, self.amounts(scene, 1))
        scene.wait(days=-1)
        yield self.send(scene, accounts, self.amounts(scene, 1))


class EarlierThanTheRun(Sound):
    """Hands over rows whose times it wrote itself."""

    def run(self, scene):
        scene.now_us -= 40 * 86_400_000_000
        yield self.send(scene, scene.accounts(1, via="phishing"), self.amounts(scene, 1))


class Busy(Sound):
    """Ends, after more than a run of many campaigns can bear."""

    def run(self, scene):
        accounts = scene.accounts(1, via="phishing")
        for _ in range(2_500):
            yield self.send(scene, accounts, self.amounts(scene, 1))


class Unexpected(Sound):
    """Expects more victims than it has."""

    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 10, 20, "made for this test"),
    )


class Charges(Sound):
    """Buys in web shops; what the next ones are but for one thing."""

    def run(self, scene):
        cards = scene.steal_cards(self.victims, via="phishing")
        for _ in range(4):
            yield self.charge(scene, cards)
            scene.wait(hours=float(scene.rng.exponential(5)))

    def charge(self, scene, cards, **other):
        shops = scene.online_merchants("clothing", len(cards))
        settings = {"device": scene.device(), "amount_minor": scene.price(shops), "at": shops}
        after_s = scene.pace(len(cards), median_s=60)
        return scene.charge(cards, after_s=after_s, stage="send", **{**settings, **other})


class NoDevice(Charges):
    """Pays online from no device."""

    def charge(self, scene, cards, **_):
        return super().charge(scene, cards, device=0)


class DeviceAtATill(Charges):
    """Leaves a device in a shop in the street."""

    def charge(self, scene, cards, **_):
        shop = scene.shops("grocery", len(cards), city=int(cards.city[0]))
        action = super().charge(scene, cards, at=shop, entry="contactless")
        action.rows["device"] = scene.device()
        return action


class TillInAWebShop(Charges):
    """Taps a card where there is nothing to tap."""

    def charge(self, scene, cards, **_):
        return super().charge(scene, cards, entry="contactless")


class FiledWithValue(Charges):
    """Gives a verification value with a card on file."""

    def charge(self, scene, cards, **_):
        return super().charge(scene, cards, entry="stored_credential")


class SomebodysDevice(Charges):
    """Has one device in every campaign and every world."""

    def charge(self, scene, cards, **_):
        return super().charge(scene, cards, device=77)


class SomebodysPayee(Sound):
    """Sends to an account that nobody has."""

    def send(self, scene, accounts, amounts, *, after_s=60.0, stage="send"):
        return scene.transfer(accounts, to=99, amount_minor=amounts, after_s=after_s, stage=stage)


class SameEnding(Charges):
    """Has prices that all end alike."""

    def charge(self, scene, cards, **_):
        amounts = scene.rng.integers(5, 90, len(cards)) * 100 + 97
        return super().charge(scene, cards, amount_minor=amounts)


class OddCash(Sound):
    """Takes cents out of a cash machine."""

    def run(self, scene):
        cards = scene.steal_cards(1, via="theft")
        at = scene.shops("cash", 1, city=int(cards.city[0])) if len(cards) else []
        if len(at):
            amounts = self.amounts(scene, 1)
            yield scene.withdraw(cards, at=at, amount_minor=amounts, after_s=50.0, stage="send")


class OnTheMinute(Sound):
    """Acts when the minute is full."""

    def run(self, scene):
        accounts = scene.accounts(self.victims, via="phishing")
        for hour in (9, 12):
            scene.wait_until_hour(hour)
            yield self.send(scene, accounts, self.amounts(scene, len(accounts)), after_s=0)


class OnTheSecond(Sound):
    """Rounds the times that it was given."""

    def send(self, scene, accounts, amounts, *, after_s=60.0, stage="send"):
        action = super().send(scene, accounts, amounts, after_s=after_s, stage=stage)
        action.rows["time_us"] += -action.rows["time_us"] % 1_000_000
        return action


class NoHonestForm(Sound):
    """Makes a row of a kind that no honest row has."""

    def send(self, scene, accounts, amounts, *, after_s=60.0, stage="send"):
        action = super().send(scene, accounts, amounts, after_s=after_s, stage=stage)
        action.rows["channel"] = row_codes.ATM
        return action


FORM = "leaks_nothing_by_form"
CASES = [
    (Unseeded, "repeats", "does not repeat itself for seed 0; draw from scene.rng"),
    (GlobalNumpy, "draws_from_the_scene_alone", "draws from a global generator"),
    (GlobalPython, "draws_from_the_scene_alone", "draws from a global generator"),
    (ReadsGlobal, "draws_from_the_scene_alone", "depends on a global generator"),
    (Endless, "ends_whatever_the_bank_says", "does not end: 20000 batches"),
    (NeedsTwo, "survives_a_small_world", "empty batch; check that there are victims left"),
    (BeforeTheClock, "repeats", "before the clock; after_s must not be negative"),
    (WorthNothing, "repeats", "below 1 minor unit; use np.maximum"),
    (UndeclaredStage, "repeats", "unknown stage 'sent'; did you mean 'send'"),
    (UnusedStage, "does_what_it_declares", "stages that never occur: celebrate"),
    (Loose, "refuses_unknown_parameters", "takes unknown parameters"),
    (Changeable, "refuses_unknown_parameters", "can be changed after it was made"),
    (Constant, "varies", "same amounts for different seeds"),
    (Unexplained, "explains_its_parameters", "victims: declare it as parameter"),
    (NoSources, "is_described", "has no sources"),
    (BadCode, "is_described", "such as F1012 or T1110.004, not: F12"),
    (Untold, "is_described", "has no docstring"),
    (Misnamed, "is_named_like_its_file", "named 'another_name' in the file test_contract"),
    (NotAnAction, "repeats", "yielded int, not an action"),
    (NotAGenerator, "repeats", "must be a generator: write 'yield'"),
    (Raises, "repeats", "raised IndexError: list index out of range (line "),
    (Required, "repeats", "cannot be made with its defaults (victims: Field required)"),
    (GoesOn, "stays_inside_the_run", "goes on when the run is over; let GeneratorExit pass"),
    (TurnsTheClockBack, "stays_inside_the_run", "turned the clock back; let time pass"),
    (EarlierThanTheRun, "stays_inside_the_run", "turned the clock back"),
    (Busy, "keeps_its_time", "hands over 2,500 batches with 2,500 rows for seed 0, where 2,000"),
    (Unexpected, "meets_its_expectations", "a median victims of 10 to 20 and has 3; mend"),
    (NoDevice, FORM, "leaves device empty in"),
    (DeviceAtATill, FORM, "rows of purchase/pos, where honest rows leave it empty; leave it out"),
    (TillInAWebShop, FORM, "at a merchant that is not a shop in the street; choose entry= and at="),
    (FiledWithValue, FORM, "has cvv match with stored_credential in purchase/ecom, where it is"),
    (SomebodysDevice, FORM, "uses the device 77, which is neither a victim's nor the campaign's"),
    (SomebodysPayee, FORM, "pays to the payee 99, which nobody made; take keys from scene.payee()"),
    (SameEnding, FORM, "amounts of purchase/ecom with .97; draw them with scene.price"),
    (OddCash, FORM, "has amounts of withdrawal/atm that are no whole units, where honest ones"),
    (OnTheMinute, FORM, "acts at second 0 of the minute in"),
    (OnTheSecond, FORM, "has the same microsecond in"),
    (NoHonestForm, FORM, "makes rows of transfer/atm, which honest life has none of"),
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_pattern_passes(check):
    CHECKS[check](Sound)


@pytest.mark.parametrize(("cls", "check", "reason"), CASES, ids=[c[0].__name__ for c in CASES])
def test_a_bad_pattern_fails_for_its_own_reason(cls, check, reason):
    with pytest.raises((CheckFailedError, UsageError)) as error:
        CHECKS[check](cls)
    assert reason in str(error.value)


@pytest.mark.parametrize("check", CHECKS)
def test_charges_are_sound_too(check):
    CHECKS[check](Charges)


def test_broken_lists_every_fault_by_check():
    assert broken(Sound) == {}
    faults = broken(Misnamed)
    assert list(faults) == ["is_named_like_its_file"]
    assert faults["is_named_like_its_file"].startswith("another_name: ")
