"""A refused charge of a subscription, which the biller tries again some days later.

A share of refused charges is tried again, and again, each a few days after the last, in the same
hour of the night. Billers try up to eight times within two weeks (Stripe Billing's default of
automatic retries); the mean here is that of the scenario's share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.desk import Desk, new_row
from fraudsim.draws import integer, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import DAY_US
from fraudsim.rows import PURCHASE, RECURRING

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.issuer.authorise import Rules
    from fraudsim.rows import Row

SOONEST_DAYS, LATEST_DAYS = 1, 5
"""Days until the next try (assumption)."""


@kernel
def charge_again(row: Row, base: np.uint64, desk: Desk, rules: Rules) -> None:
    """Put the next try of a refused charge on file, if the biller makes one."""
    if row.channel != RECURRING or uniform(base, 23) >= rules.charged_again:
        return
    days = SOONEST_DAYS + integer(base, 24, LATEST_DAYS - SOONEST_DAYS + 1)
    again = new_row(desk.later, row.customer, row.time_us + days * DAY_US, PURCHASE, row.slot)
    again.amount_minor = row.amount_minor
    again.merchant = row.merchant
    again.terminal = row.terminal
    again.channel = row.channel
    again.entry = row.entry
