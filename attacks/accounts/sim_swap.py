"""SIM swap: whoever has the telephone number has the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, opening_hours, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.takeover import WORTH_MINOR, Drain, Mules, Seat, drain, fetch_from
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts
    from fraudsim.attacks.kit.scene import Scene


class SimSwap(AttackPattern):
    """Have the victim's number moved to another SIM, then reset, enrol, and send all there is.

    Somebody in a telephone shop, or a good story told there, moves the number to a new SIM while
    the shop is open. From then on the codes of the bank arrive at the fraudster: no password is
    guessed, it is set anew at once, a telephone is enrolled within hours, and often the address for
    notices is changed. The victim notices only that the telephone is silent, so it has to be
    fast: a payee is added and large transfers follow within the day, until nearly all is gone. What
    is held is confirmed by telephone, by the fraudster. Some money goes to a customer of this bank,
    who passes it on.
    """

    name: ClassVar[str] = "sim_swap"
    summary: ClassVar[str] = "the number is taken over: reset, new phone, large transfers in a day"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=(
            *("T1451", "T1111", "F1006.003", "F1005.008", "F1005.003"),
            *("F1031", "F1025.002"),
        ),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="issuance of a payment order by the fraudster",
        fraud_classifier="unauthorised: took over account",
        uk_finance="remote banking",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, T1451 SIM Card Swap, T1111 MFA Interception",
        "FBI Internet Crime Report 2022: 2,026 complaints of SIM swap, 72.7 M US dollars",
    )
    look_alike: ClassVar[str] = (
        "a lost phone: the app set up on a new one, a new password, the rent paid at once"
    )
    stages: ClassVar[tuple[str, ...]] = ("drain", "passed_on", "cash")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("payments", 2, 15, "one to three large transfers per number taken over"),
        Expectation("amount_minor", 60_000, 600_000, "large: a good part of a full balance"),
        Expectation("gap_minutes", 5, 600, "it must be over before the victim asks for the phone"),
    )

    victims: int = parameter(2, "mean numbers taken over", "assumption", ge=1, le=100)
    days_between: float = parameter(
        4.0, "mean days between two numbers", "assumption", ge=0, le=365
    )
    reset_within_hours: float = parameter(
        2.0, "mean hours from the new SIM to the new password", "assumption", gt=0, le=48
    )
    enrol_within_hours: float = parameter(
        1.5, "mean hours from there to a device enrolled", "catalogue: within a day", gt=0, le=24
    )
    contact_share: float = parameter(
        0.5, "takeovers that change the contact details", "assumption", ge=0, le=1
    )
    least_drained: float = parameter(0.6, "least share of the balance", "assumption", gt=0, le=1)
    most_drained: float = parameter(
        0.98, "largest share of the balance wanted", "assumption", gt=0, le=1
    )
    payee_abroad_share: float = parameter(
        0.15, "accounts of mules that lie abroad", "assumption", ge=0, le=1
    )
    on_us_share: float = parameter(
        0.15, "campaigns with a mule who banks here", "assumption: a market share", ge=0, le=1
    )
    passes_challenge: float = parameter(
        0.96, "challenges passed: the codes arrive at the new SIM", "assumption", ge=0, le=1
    )

    @model_validator(mode="after")
    def _least_comes_before_most(self) -> Self:
        if self.least_drained > self.most_drained:
            raise ValueError(
                f"least_drained ({self.least_drained:g}) is above most_drained "
                f"({self.most_drained:g})"
            )
        return self

    def run(self, scene: Scene) -> Campaign:
        """Take over one number after the other."""
        habits = draw_habits(scene)
        victims = scene.accounts(some(scene, self.victims), via="sim_swap")
        if not len(victims):
            scene.give_up("no number to take over")
            return
        on_us = scene.rng.random() < self.on_us_share
        mules = Mules(
            abroad_share=self.payee_abroad_share,
            here=scene.accounts(1 if on_us else 0, via="recruitment"),
        )
        total = 0
        for index in range(len(victims)):
            opening_hours(
                scene, days=float(scene.rng.exponential(self.days_between)) if index else 0
            )
            victim = scene.look_again(victims[index : index + 1])
            taken = yield from self._take_over(scene, habits, victim, mules)
            yield from fetch_from(scene, habits, mules, taken, stage="passed_on", cash_stage="cash")
            total += taken
        if not total:
            scene.give_up("nothing could be taken")

    def _take_over(self, scene: Scene, habits: Habits, victim: Accounts, mules: Mules) -> Step[int]:
        """Enter with the codes of the new SIM and empty the account; return what was taken."""
        seat = Seat(scene.device(), habits.ip_country)
        scene.wait(hours=float(scene.rng.exponential(self.reset_within_hours)))
        yield self._enter(scene, victim, seat)
        if victim.balance_minor[0] < WORTH_MINOR:
            return 0
        scene.wait(hours=float(scene.rng.exponential(1.0)))
        how = Drain(
            least=self.least_drained,
            most=self.most_drained,
            most_parts=3,
            test_share=0.0,  # no time for it
            passes_challenge=self.passes_challenge,
            hours_between=0.5,
        )
        taken = yield from drain(scene, habits, victim, seat, mules, how)
        return taken

    def _enter(self, scene: Scene, victim: Accounts, seat: Seat) -> Attempts:
        """Reset, log in, enrol, and, for some, change the contact details."""
        assert seat.device is not None
        reset_s, login_s = scene.pace(2, median_s=120.0)
        enrol_s = login_s + min(
            float(scene.rng.exponential(self.enrol_within_hours)) * 3_600, 80_000.0
        )
        device, ip_country = seat.device, seat.ip_country
        action = scene.reset_password(victim, after_s=reset_s, device=device, ip_country=ip_country)
        action += scene.log_in(victim, after_s=login_s, device=device, ip_country=ip_country)
        action += scene.enrol_device(victim, after_s=enrol_s, device=device, ip_country=ip_country)
        if scene.rng.random() < self.contact_share:
            action += scene.change_contact(
                victim, after_s=enrol_s + 60, device=device, ip_country=ip_country
            )
        return action
