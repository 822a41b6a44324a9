"""Bad patterns, each broken in one way, and the check that must say so."""

from __future__ import annotations

import random
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ConfigDict

from fraudsim.attacks.kit.contract import CHECKS, broken
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
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_pattern_passes(check):
    CHECKS[check](Sound)


@pytest.mark.parametrize(("cls", "check", "reason"), CASES, ids=[c[0].__name__ for c in CASES])
def test_a_bad_pattern_fails_for_its_own_reason(cls, check, reason):
    with pytest.raises((CheckFailedError, UsageError)) as error:
        CHECKS[check](cls)
    assert reason in str(error.value)


def test_broken_lists_every_fault_by_check():
    assert broken(Sound) == {}
    faults = broken(Misnamed)
    assert list(faults) == ["is_named_like_its_file"]
    assert faults["is_named_like_its_file"].startswith("another_name: ")
