"""Makes what torch does a function of a seed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Start torch's generator at a seed, on one thread; leave both as they were.

    Sums of floats depend on how threads share them, so more threads would give other rows on
    another machine. The networks are small: more threads would hardly be faster.
    """
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
