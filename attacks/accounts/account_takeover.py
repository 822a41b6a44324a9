"""Account takeover: somebody else logs in and empties the account."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, next_session
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.takeover import WORTH_MINOR, Drain, Mules, Seat, drain, fullest
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from collections.abc import Callable

    from fraudsim.attacks.kit.nouns import Accounts, Attempts
    from fraudsim.attacks.kit.scene import Scene


class AccountTakeover(AttackPattern):
    """Log in with stolen credentials, settle in, add a payee, and drain the account.

    Credentials come from phishing or malware, or the phone number is taken over (SIM swap) and the
    password is set anew. Most log in from a device of their own and enrol it, often after some
    wrong passwords, and some change the contact details so that no warning arrives; others sit in
    the victim's own session by remote access, where neither device nor address is new. A payee is
    added, sometimes tried with a small sum; then a part of the balance leaves in one to four
    transfers. Held or refused ones are split and sent to another account.
    """

    name: ClassVar[str] = "account_takeover"
    summary: ClassVar[str] = (
        "stolen credentials, a new device and payee, then the account is drained"
    )
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=(
            *("F1006", "F1006.002", "F1006.003", "T1660", "T1451", "T1219"),
            *("F1005.003", "F1005.004", "F1046", "F1047"),
        ),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="issuance of a payment order by the fraudster",
        fraud_classifier="unauthorised: took over account",
        uk_finance="remote banking",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1006 Account Takeover, T1451 SIM Card Swap",
        "EBA/ECB report on payment fraud, December 2025: mean transfer fraud above 2,000 euros",
        "EBA Guidelines on fraud reporting under PSD2 (EBA/GL/2018/05)",
    )
    look_alike: ClassVar[str] = "a new phone, a forgotten password, and paying a builder's bill"
    stages: ClassVar[tuple[str, ...]] = ("test", "drain")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 1, "one account at a time: the fullest of those looked into"),
        Expectation("payments", 2, 5, "one to four parts, and for some a test before"),
        Expectation("days", 0.01, 1.0, "it is over before the holder, or the bank, looks"),
    )

    looked_at: int = parameter(
        3, "accounts looked into; the fullest is taken", "assumption", ge=1, le=100
    )
    sim_swap_share: float = parameter(0.25, "by taking over the number", "assumption", ge=0, le=1)
    remote_share: float = parameter(
        0.25, "by remote access to the victim's own device", "assumption", ge=0, le=1
    )
    failed_login_share: float = parameter(
        0.35, "takeovers with wrong passwords first", "assumption", ge=0, le=1
    )
    reset_share: float = parameter(
        0.3, "takeovers without SIM swap that set a new password", "assumption", ge=0, le=1
    )
    enrol_share: float = parameter(0.7, "new devices that are enrolled", "assumption", ge=0, le=1)
    contact_share: float = parameter(
        0.4, "takeovers that change the contact details", "assumption", ge=0, le=1
    )
    test_share: float = parameter(
        0.4, "takeovers that try a payee with a small sum", "assumption", ge=0, le=1
    )
    least_drained: float = parameter(
        0.30, "least share of the balance wanted", "assumption", gt=0, le=1
    )
    most_drained: float = parameter(
        0.95, "largest share of the balance wanted", "assumption", gt=0, le=1
    )
    most_parts: int = parameter(4, "wanted in 1 to so many transfers", "assumption", ge=1, le=20)
    payee_abroad_share: float = parameter(
        0.2, "accounts of mules that lie abroad", "assumption", ge=0, le=1
    )
    passes_challenge: float = parameter(
        0.85, "challenges passed: the fraudster has the codes", "assumption", ge=0, le=1
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
        """Get in, settle in, take the money."""
        habits = draw_habits(scene)
        victims = scene.accounts(self.looked_at, via="phishing")
        victim = fullest(victims)
        if not len(victim) or victim.balance_minor[0] < WORTH_MINOR:
            scene.give_up("no account worth the trouble")
            return
        next_session(scene, habits, days=0)
        remote = scene.rng.random() < self.remote_share
        seat = Seat(None, None) if remote else Seat(scene.device(), habits.ip_country)
        yield self._enter(scene, victim, seat)
        scene.wait(hours=float(scene.rng.lognormal(-0.5, 1.3)) * habits.patience)
        yield from drain(
            scene, habits, victim, seat, Mules(abroad_share=self.payee_abroad_share), self._how()
        )

    def _how(self) -> Drain:
        return Drain(
            least=self.least_drained,
            most=self.most_drained,
            most_parts=self.most_parts,
            test_share=self.test_share,
            passes_challenge=self.passes_challenge,
        )

    def _enter(self, scene: Scene, victim: Accounts, seat: Seat) -> Attempts:
        """Log in; from a device of one's own also reset, enrol and change what is needed."""
        rng = scene.rng
        sim_swap = rng.random() < self.sim_swap_share
        wrong = int(rng.integers(1, 4)) if rng.random() < self.failed_login_share else 0
        step_s = iter(scene.pace(wrong + 4, median_s=70.0).tolist())
        if seat.device is None:
            return scene.log_in(victim, after_s=next(step_s))
        actions = [
            scene.log_in(
                victim,
                after_s=next(step_s),
                device=seat.device,
                ip_country=seat.ip_country,
                fails=True,
            )
            for _ in range(0 if sim_swap else wrong)
        ]
        steps: list[Callable[..., Attempts]] = [scene.log_in]
        if sim_swap or rng.random() < self.reset_share:
            steps.insert(0, scene.reset_password)
        if rng.random() < self.enrol_share:
            steps.append(scene.enrol_device)
        if rng.random() < self.contact_share:
            steps.append(scene.change_contact)
        actions += [
            step(victim, after_s=next(step_s), device=seat.device, ip_country=seat.ip_country)
            for step in steps
        ]
        return reduce(add, actions)
