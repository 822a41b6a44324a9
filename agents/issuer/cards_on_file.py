"""Cards on file whose expiry date is that of the card before: the biller's charges are refused.

A card is renewed every three or four years with the same number and a new date. Until the customer
or an updating service has told the biller, each of its charges comes with the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.draws import base_of, uniform
from fraudsim.kernel import kernel
from fraudsim.moments import DAY_US
from fraudsim.rows import RECURRING

if TYPE_CHECKING:
    from fraudsim.agents.issuer.authorise import Rules
    from fraudsim.rows import Row

SPELL_DAYS = 45
"""How long a biller goes on with the old date (assumption)."""
_SPELL_US = SPELL_DAYS * DAY_US


@kernel
def is_outdated(row: Row, rules: Rules) -> bool:
    """Whether the merchant of a recurring charge has an old expiry date on file."""
    if row.channel != RECURRING or rules.outdated <= 0:
        return False
    on_file = base_of(rules.on_file_key, row.customer, row.merchant)
    return bool(uniform(base_of(on_file, row.slot, row.time_us // _SPELL_US), 0) < rules.outdated)
