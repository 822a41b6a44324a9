"""Trading names: invented, and of one shape for every merchant, so that a name tells nothing.

Each is two made-up surnames, ``"Brandholt & Kelsing"``. With a million merchants some share one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STARTS = (
    *("Ald", "Arn", "Ash", "Bald", "Bern", "Bran", "Cald", "Cor", "Dal", "Dren", "Eld", "Em"),
    *("Fal", "Fen", "Gar", "Gol", "Hal", "Hart", "Hol", "Ing", "Kel", "Kin", "Lang", "Lind"),
    *("Mar", "Mel", "Nor", "Nev", "Od", "Os", "Pel", "Pren", "Quil", "Ran", "Ros", "Sel"),
    *("Stan", "Tal", "Thor", "Ul", "Var", "Ven", "Wal", "Wen", "Wil", "Yar", "Yor", "Zel"),
)
_ENDS = (
    *("acre", "berg", "borne", "brook", "bury", "by", "combe", "croft", "dale", "den", "er", "ett"),
    *("feld", "field", "ford", "gate", "ham", "hart", "holt", "horn", "ing", "ington", "ley"),
    *("lock", "low", "man", "mere", "mond", "mont", "ner", "ridge", "rick", "rose", "sen", "shaw"),
    *("son", "stead", "stone", "stow", "ton", "vale", "ville", "wick", "win", "wood", "worth"),
)

SURNAMES = tuple(start + end for start in _STARTS for end in _ENDS)
"""Every made-up surname, in a fixed order; some exist."""


def draw_names(count: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Return ``[count, 2]`` positions in ``SURNAMES``, two different ones a row."""
    first = rng.integers(0, len(SURNAMES), count)
    step = rng.integers(1, len(SURNAMES), count)
    pair = np.stack([first, (first + step) % len(SURNAMES)], axis=1)
    return pair.astype(np.int32)


def spell(pairs: NDArray[np.int32]) -> pl.Series:
    """Return the trading names of ``draw_names``, in order."""
    surnames = pl.Series("name", SURNAMES)
    return (surnames.gather(pairs[:, 0]) + " & " + surnames.gather(pairs[:, 1])).rename("name")
