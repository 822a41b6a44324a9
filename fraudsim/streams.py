"""The only source of randomness.

A random number depends on what it is for, never on when it is drawn: ask by name and ids, in any
order, in any process, and get the same answer.

Two kinds of use:

* ``Streams.get("campaign", 7)`` is a numpy ``Generator`` for the few: a campaign, a block's world.
* ``Streams.key("activity")`` is a 64-bit key for the many: kernels hash it with a customer, a day
  and a counter (``fraudsim.engine.draws``), so a draw costs nanoseconds and does not depend on
  how customers are cut into blocks.

numpy promises no stability of ``Generator`` methods across its versions; the manifest of a run
records the versions that made it.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ID_BITS = 52
"""Public ids fit in 52 bits: exact in a double, so no tool rounds them on the way."""


A_FEW = 3
"""Draws that are sooner made one by one."""


def integers(
    rng: np.random.Generator, below: int, count: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return ``rng.integers(below, size=count)``, which takes longer where it is a few."""
    import numpy as np

    if count > A_FEW:
        return rng.integers(below, size=count)
    return np.array([rng.integers(below) for _ in range(count)], dtype=np.int64)


class Streams:
    """Named streams of one run.

    Args:
        seed: the seed of the run, any integer from 0 to 2**63 - 1.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def key(self, name: str, *ids: int) -> int:
        """Return the 64-bit key of a stream: BLAKE2b of the seed, the name and the ids."""
        text = "\x1f".join([str(self.seed), name, *(str(int(i)) for i in ids)])
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")

    def get(self, name: str, *ids: int) -> np.random.Generator:
        """Return a fresh generator at the start of the stream ``(seed, name, ids)``."""
        import numpy as np

        return np.random.Generator(np.random.SFC64(self.key(name, *ids)))
