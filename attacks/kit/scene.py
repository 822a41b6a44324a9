"""The vocabulary of a fraudster: everything that a campaign can know and do.

Nouns are columns: ``Cards`` and ``Accounts`` hold many victims at once. Verbs that touch a victim
(``charge``, ``withdraw``, ``transfer``, ``log_in`` ...) return an ``Action`` to be yielded; its
answer is an ``Outcomes`` with one entry per attempt, in the order in which they were given. Verbs
that only concern the fraudster (``steal_cards``, ``device``, ``wait``) answer at once.

Time: ``after_s`` is in seconds after the scene's clock, per attempt and cumulative (use ``pace``).
When an action was answered, the clock stands at its last attempt.

The words themselves are in ``fraudsim.attacks.kit.vocabulary``, one idea a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.attacks.kit.habits import rounded
from fraudsim.attacks.kit.vocabulary.stage import DAY_S
from fraudsim.attacks.kit.vocabulary.with_accounts import WithAccounts
from fraudsim.attacks.kit.vocabulary.with_cards import WithCards

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Numbers

__all__ = ["DAY_S", "Scene"]


class Scene(WithCards, WithAccounts):
    """One campaign's view of the world. Made by the engine, given to ``AttackPattern.run``.

    Attributes:
        rng: the campaign's own generator, the only source of randomness that a pattern may use.
        now_us: the campaign's clock, epoch microseconds UTC.
        purse: what the campaign costs and brings.
        stages: the steps that its payments can name.
        facts: what the campaign drew for itself, for who reads its story later (``note``).
    """

    def persuade(
        self,
        accounts: Accounts,
        *,
        to: int,
        amount_minor: Numbers,
        stage: str,
        first: bool,
        typed: bool = False,
        passes_challenge: float = 0.97,
    ) -> Attempts:
        """Talk customers into a transfer: log in, add the payee if it is the ``first``, pay.

        It is the holder, on the own device, who pays; so a challenge is passed (assumption: .97).
        A sum that is ``typed`` is rounded as people round.
        """
        step_s = self.pace(3, median_s=100.0)
        action = self.log_in(accounts, after_s=step_s[0])
        if first:
            action += self.add_payee(accounts, payee=to, after_s=step_s[1])
        return action + self.transfer(
            accounts,
            to=to,
            amount_minor=rounded(self, np.asarray(amount_minor)) if typed else amount_minor,
            after_s=step_s[2],
            stage=stage,
            passes_challenge=passes_challenge,
            case="scam",
        )
