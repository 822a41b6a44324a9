"""Public ids: keyed permutations of internal numbers, without order or meaning.

Each kind of id has its own key, so a card and a customer with the same internal number have
unrelated ids, and nobody can tell from an id when or by whom a thing was made.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from fraudsim.kernel import kernel
from fraudsim.streams import ID_BITS, Streams

Ids = npt.NDArray[np.int64]

_MASK = np.uint64((1 << ID_BITS) - 1)
_HALF = np.uint64(ID_BITS // 2)
_ODD = np.uint64(1)
_ROUNDS = 4
SERIAL_BITS = 25
"""33 million settled rows per customer; 2**27 customers."""


def rounds_of(key: int) -> npt.NDArray[np.uint64]:
    """Return what is added and multiplied in each round under ``key``, shape (4, 2)."""
    rounds = np.zeros((_ROUNDS, 2), dtype=np.uint64)
    state = key
    for turn in range(_ROUNDS):
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        rounds[turn] = np.uint64(state >> 12), np.uint64(state >> 8) | _ODD
    return rounds


@kernel
def permuted(number: int, rounds: np.ndarray) -> int:
    """Return the bijection of [0, 2**52) of these rounds, applied to ``number``.

    Rounds of an odd multiplication and an xor-shift, each of them invertible modulo 2**52.
    """
    x = np.uint64(number) & _MASK
    for turn in range(_ROUNDS):
        x = (x + rounds[turn, 0]) & _MASK
        x = (x * rounds[turn, 1]) & _MASK
        x ^= x >> _HALF
    return int(x)


def undoing(rounds: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return what ``unpermuted`` takes to undo ``permuted`` of these rounds, shape (4, 2)."""
    back = rounds.copy()
    for turn in range(_ROUNDS):
        back[turn, 1] = pow(int(rounds[turn, 1]), -1, 1 << ID_BITS)
    return back


@kernel
def unpermuted(number: int, back: np.ndarray) -> int:
    """Return the number below 2**52 that ``permuted`` made ``number`` of."""
    x = np.uint64(number) & _MASK
    for turn in range(_ROUNDS - 1, -1, -1):
        x ^= x >> _HALF  # undoes itself: the upper half is as it was
        x = (x * back[turn, 1]) & _MASK
        x = (x - back[turn, 0]) & _MASK
    return int(x)


@njit(cache=True)
def _unpermuted_all(ids: np.ndarray, back: np.ndarray) -> np.ndarray:
    out = np.empty(len(ids), dtype=np.int64)
    for k in range(len(ids)):
        out[k] = unpermuted(ids[k], back)
    return out


@njit(cache=True)
def _permuted_all(numbers: np.ndarray, rounds: np.ndarray) -> np.ndarray:
    out = np.empty(len(numbers), dtype=np.int64)
    for k in range(len(numbers)):
        out[k] = permuted(numbers[k], rounds)
    return out


def permute(numbers: npt.ArrayLike, key: int) -> Ids:
    """Return ``permuted`` under ``key`` for each of ``numbers``, shape (n,)."""
    found: Ids = _permuted_all(np.asarray(numbers, dtype=np.int64), rounds_of(key))
    return found


class PublicIds:
    """The ids of one run, by kind of thing."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def of(self, kind: str, numbers: npt.ArrayLike) -> Ids:
        """Return the public ids of things of ``kind`` with these internal numbers."""
        return permute(numbers, self._key(kind))

    def numbers(self, kind: str, ids: Ids) -> Ids:
        """Return the internal numbers, below 2**52, that have these public ids."""
        found: Ids = _unpermuted_all(ids, undoing(self.rounds(kind)))
        return found

    def rounds(self, kind: str) -> npt.NDArray[np.uint64]:
        """Return the rounds of ``permuted`` for things of ``kind``."""
        return rounds_of(self._key(kind))

    def _key(self, kind: str) -> int:
        return self._streams.key("id", *[ord(c) for c in kind])

    def account(self, customer: npt.ArrayLike, slot: npt.ArrayLike) -> Ids:
        """Return the account of each customer: the credit account for slot 1, else the current."""
        is_credit = np.asarray(slot, dtype=np.int64) == 1
        return self.of("account", np.asarray(customer, dtype=np.int64) * 2 + is_credit)

    def serial(self, kind: str, customer: npt.ArrayLike, serial: npt.ArrayLike) -> Ids:
        """Return the id of a customer's settled row (``tx`` or ``event``)."""
        high = np.asarray(customer, dtype=np.int64) << SERIAL_BITS
        return self.of(kind, high | np.asarray(serial, dtype=np.int64))
