"""Public ids: keyed permutations of internal numbers, without order or meaning.

Each kind of id has its own key, so a card and a customer with the same internal number have
unrelated ids, and nobody can tell from an id when or by whom a thing was made.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fraudsim.streams import ID_BITS, Streams

Ids = npt.NDArray[np.int64]

_MASK = np.uint64((1 << ID_BITS) - 1)
_HALF = np.uint64(ID_BITS // 2)
_ODD = np.uint64(1)
_SERIAL_BITS = 25  # 33 million settled rows per customer; 2**27 customers


def permute(numbers: npt.ArrayLike, key: int) -> Ids:
    """Return a bijection of [0, 2**52) keyed by ``key``, applied to ``numbers``.

    Rounds of an odd multiplication and an xor-shift, each of them invertible modulo 2**52.
    """
    x = np.asarray(numbers, dtype=np.int64).astype(np.uint64) & _MASK
    state = key
    for _ in range(4):
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        x = (x + np.uint64(state >> 12)) & _MASK
        x = (x * (np.uint64(state >> 8) | _ODD)) & _MASK
        x ^= x >> _HALF
    return x.astype(np.int64)


class PublicIds:
    """The ids of one run, by kind of thing."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def of(self, kind: str, numbers: npt.ArrayLike) -> Ids:
        """Return the public ids of things of ``kind`` with these internal numbers."""
        return permute(numbers, self._streams.key("id", *[ord(c) for c in kind]))

    def account(self, customer: npt.ArrayLike, slot: npt.ArrayLike) -> Ids:
        """Return the account of each customer: the credit account for slot 1, else the current."""
        is_credit = np.asarray(slot, dtype=np.int64) == 1
        return self.of("account", np.asarray(customer, dtype=np.int64) * 2 + is_credit)

    def serial(self, kind: str, customer: npt.ArrayLike, serial: npt.ArrayLike) -> Ids:
        """Return the id of a customer's settled row (``tx`` or ``event``)."""
        high = np.asarray(customer, dtype=np.int64) << _SERIAL_BITS
        return self.of(kind, high | np.asarray(serial, dtype=np.int64))
