"""The personal clock: everybody has hours of his own, and together they make the profile.

A purchase's minute is a quantile of its category's profile. Some persons mostly keep to the first
half of it, as many to the second, the others to all of it; so the profile of a category stays as it
is in the diary while each person is narrower than it.

Source: the mean resultant length of the hour is .66 per household (p10 .47, p90 .81) and .55 for
all together (Complete Journey baskets).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.draws import uniform
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.agents.customers.people import Person

QUANTILES = 4096
EARLY = 0.38
"""Share of persons who keep to the first half of the hours; as many keep to the second (fitted
to the source)."""
KEEPS_HOURS = 0.8
"""Share of their purchases for which they do (fitted to the source)."""


@kernel
def quantile(draw: np.uint64, counter: int, person: Person) -> int:
    """Return the quantile, 0 to 4095, of the profile at which the person acts."""
    u = uniform(draw, counter)
    if uniform(draw, counter + 100) < KEEPS_HOURS:
        if person.lateness < EARLY:
            u = 0.5 * u
        elif person.lateness >= 1.0 - EARLY:
            u = 0.5 + 0.5 * u
    return int(u * QUANTILES)
