"""What the books of the bank tell of customers, who they are and how they stand at the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.agents.customers.devices import handset
from fraudsim.kernel import kernel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@kernel
def tell(
    customers: npt.NDArray[np.int64],
    first: int,
    people: np.ndarray,
    states: np.ndarray,
    told: npt.NDArray[np.int64],
) -> None:
    """Fill the columns of ``told`` that belong to customers of a block, as ``Profile.of`` reads it.

    Args:
        customers: anybody, shape (n,); who lives elsewhere is passed over.
        first: the first customer of the block.
        people: those of the block.
        states: how they stand.
        told: the table, shape (PROFILE_ROWS, n).
    """
    for k in range(len(customers)):
        i = customers[k] - first
        if i < 0 or i >= len(people):
            continue
        person, state = people[i], states[i]
        told[0, k] = state.city
        told[1, k] = person.has_credit
        told[2, k] = state.card_serial[0]
        told[3, k] = state.card_serial[1]
        told[4, k] = handset(customers[k], state.phone)
        told[5, k] = person.income_minor
        told[6, k] = state.balance
        told[7, k] = max(person.credit_limit_minor - state.owed, 0)
        told[8, k] = state.last_merchant
        told[9, k] = -person.opened_day
