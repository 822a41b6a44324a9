"""Hours in which a merchant's requests do not reach the issuer: its line or its processor is down.

Everybody at the merchant is refused, tries again and is refused again: a burst of declines that no
fraud has caused. How often is the scenario's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fraudsim.draws import base_of, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import DAY_US, MINUTE_US

if TYPE_CHECKING:
    from fraudsim.agents.issuer.authorise import Rules
    from fraudsim.rows import Row

MEAN_MINUTES, MOST_MINUTES = 60.0, 240.0
"""How long an outage lasts, exponential and cut off (assumption)."""
PASSES = 0.1
"""Requests that come through all the same, over another line (assumption)."""


@kernel
def is_cut_off(row: Row, u: float, rules: Rules) -> bool:
    """Whether a request falls into an outage at its merchant and does not come through."""
    if rules.outages_per_day <= 0 or row.merchant < 0 or u < PASSES:
        return False
    today = row.time_us // DAY_US
    return bool(_is_down(row, today, rules) or _is_down(row, today - 1, rules))


@kernel
def _is_down(row: Row, day: int, rules: Rules) -> bool:
    """Whether the outage that begins on ``day`` (UTC), if there is one, is on at this moment."""
    draw = base_of(rules.outage_key, row.merchant, day)
    if uniform(draw, 0) >= rules.outages_per_day:
        return False
    minutes = min(-MEAN_MINUTES * math.log(1.0 - uniform(draw, 2)), MOST_MINUTES)
    begins_us = day * DAY_US + int(uniform(draw, 1) * DAY_US)
    return bool(0 <= row.time_us - begins_us < int(minutes * MINUTE_US))
