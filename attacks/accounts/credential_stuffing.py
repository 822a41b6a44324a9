"""Credential stuffing: passwords leaked elsewhere are tried here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import draw_habits, next_session, pace, some
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.takeover import WORTH_MINOR, Drain, Mules, Seat, drain
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Bools, Ints
    from fraudsim.attacks.kit.scene import Scene

MOST_TRIES = 3
"""Passwords tried at most on one account: banks lock it after some (assumption)."""


class CredentialStuffing(AttackPattern):
    """Try a list of leaked names and passwords on many accounts, and empty the few that open.

    The list comes from the breach of some shop; its people used one password in many places. A
    program works through it in runs of some dozens, from a few devices whose address it changes.
    Nearly every login fails, once or twice per account, minutes apart and never twice for a
    customer on two days. The accounts that open are looked at again some hours or days later, now
    by hand, from another device; those with money get a new payee and lose a good part of it.
    """

    name: ClassVar[str] = "credential_stuffing"
    summary: ClassVar[str] = "a list of leaked passwords is tried on many accounts; few open"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(
        f3=("T1110.004", "F1006.002", "T1583.003", "F1005.003", "F1047"),
        visa="B account takeover",
        mastercard="05 account takeover",
        eba="issuance of a payment order by the fraudster",
        fraud_classifier="unauthorised: took over account",
        uk_finance="remote banking",
    )
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, T1110.004 Credential Stuffing",
        "OWASP Automated Threats to Web Applications, OAT-008 Credential Stuffing",
    )
    look_alike: ClassVar[str] = "customers who mistype a password, on a new phone or computer"
    stages: ClassVar[tuple[str, ...]] = ("test", "drain")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 1, 8, "of some fifty accounts one in twelve opens"),
        Expectation("payments", 2, 25, "one to three transfers from each account that opened"),
        Expectation("amount_minor", 20_000, 300_000, "a part of a balance of about an income"),
    )

    accounts: int = parameter(50, "mean number of accounts tried", "assumption", ge=1, le=10_000)
    opened_share: float = parameter(
        0.08,
        "accounts whose password is right",
        "assumption: .001 to .02 of lists are said to work; more here, for lists of dozens",
        ge=0,
        le=1,
    )
    run_size: int = parameter(20, "mean accounts tried in one go", "assumption", ge=1, le=5_000)
    gap_s: float = parameter(
        40.0, "median seconds between two logins", "assumption", gt=0, le=86_400
    )
    accounts_per_device: int = parameter(
        8, "mean accounts tried from one device", "assumption", ge=1, le=1_000
    )
    wait_days: float = parameter(
        1.5, "mean days until an open account is used", "assumption", ge=0, le=90
    )
    least_drained: float = parameter(
        0.2, "least share of the balance wanted; the largest is .9", "assumption", gt=0, le=0.9
    )
    enrol_share: float = parameter(0.6, "devices that are enrolled", "assumption", ge=0, le=1)
    payee_abroad_share: float = parameter(
        0.2, "accounts of mules that lie abroad", "assumption", ge=0, le=1
    )
    passes_challenge: float = parameter(
        0.6, "challenges passed: the codes go to the holder", "assumption", ge=0, le=1
    )

    def run(self, scene: Scene) -> Campaign:
        """Work through the list, then come back by hand to what opened."""
        habits = draw_habits(scene)
        accounts = scene.accounts(some(scene, self.accounts), via="stuffing")
        opens = scene.rng.random(len(accounts)) < self.opened_share
        scene.note(accounts=len(accounts), opened=int(opens.sum()))
        if not len(accounts):
            scene.give_up("no account to try")
            return
        yield from self._try_list(scene, habits, accounts, opens)
        worth = np.flatnonzero(opens & (accounts.balance_minor >= WORTH_MINOR))
        if not len(worth):
            scene.give_up("no account opened that is worth the trouble")
            return
        for who in worth.tolist():
            next_session(scene, habits, days=float(scene.rng.exponential(self.wait_days)))
            yield from self._use(scene, habits, accounts[who : who + 1])

    def _try_list(
        self, scene: Scene, habits: Habits, accounts: Accounts, opens: Bools
    ) -> Step[None]:
        """Log in to every account, run by run."""
        size = some(scene, self.run_size)
        for start in range(0, len(accounts), size):
            run = slice(start, start + size)
            next_session(scene, habits, days=0.0)
            tries = self._tries(scene, opens[run])
            # who is tried, in the order of the list; the right password comes last
            who = np.repeat(np.arange(len(tries)), tries)
            is_last = np.append(np.diff(who) > 0, True)
            fails = ~(is_last & opens[run][who])
            devices = self._devices(scene, len(tries))[who]
            after_s = pace(scene, habits, len(who), self.gap_s)
            batch, ip = accounts[run][who], habits.ip_country
            action = scene.log_in(
                batch[fails],
                after_s=after_s[fails],
                device=devices[fails],
                ip_country=ip,
                fails=True,
            )
            yield action + scene.log_in(
                batch[~fails], after_s=after_s[~fails], device=devices[~fails], ip_country=ip
            )

    def _tries(self, scene: Scene, opens: Bools) -> Ints:
        """Return how often each account is tried; mostly once, right or wrong."""
        tries = 1 + scene.rng.binomial(MOST_TRIES - 1, np.where(opens, 0.1, 0.2))
        return tries.astype(np.int64)

    def _devices(self, scene: Scene, count: int) -> Ints:
        """Return a device per account, some accounts per device, not in a row."""
        owned = 1 + count // some(scene, self.accounts_per_device)
        keys = np.array([scene.device() for _ in range(owned)], dtype=np.int64)
        return scene.rng.choice(keys, size=count)

    def _use(self, scene: Scene, habits: Habits, victim: Accounts) -> Step[None]:
        """Log in by hand, settle in, and drain."""
        victim = scene.look_again(victim)
        device, ip_country = scene.device(), habits.ip_country
        step_s = scene.pace(2, median_s=90.0)
        login = scene.log_in(victim, after_s=step_s[0], device=device, ip_country=ip_country)
        if scene.rng.random() < self.enrol_share:
            login += scene.enrol_device(
                victim, after_s=step_s[1], device=device, ip_country=ip_country
            )
        yield login
        if victim.balance_minor[0] < WORTH_MINOR:
            return
        how = Drain(
            least=self.least_drained,
            most=0.9,
            most_parts=3,
            test_share=0.35,
            passes_challenge=self.passes_challenge,
        )
        mules = Mules(abroad_share=self.payee_abroad_share)
        yield from drain(scene, habits, victim, Seat(device, ip_country), mules, how)
