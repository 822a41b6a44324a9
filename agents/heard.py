"""What is heard at a merchant that fraudsters listen at: the cards that honest customers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.kernel import kernel
from fraudsim.rows import HONEST, PURCHASE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@kernel
def heard_at(
    rows: np.ndarray, is_tapped: npt.NDArray[np.bool_], places: npt.NDArray[np.int64]
) -> int:
    """Find the approved honest card payments at tapped merchants; return how many.

    Args:
        rows: settled rows.
        is_tapped: of every merchant.
        places: room for as many; the positions of those found are put there.
    """
    count = 0
    for k in range(len(rows)):
        row = rows[k]
        if row.merchant < 0 or not is_tapped[row.merchant]:
            continue
        if row.kind == PURCHASE and row.case == HONEST and row.response == 0:
            places[count] = k
            count += 1
    return count
