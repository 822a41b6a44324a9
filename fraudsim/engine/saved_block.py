"""A block of customers on the disk: what a settled day leaves, and what is built again anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fraudsim.agents.customers.people import STATE
from fraudsim.engine.arrays import damaged, read_arrays, write_arrays
from fraudsim.engine.plausible import wrong_row, wrong_state
from fraudsim.rows import ROW

if TYPE_CHECKING:
    import numpy.typing as npt

    from fraudsim.sinks.place import Place
    from fraudsim.world.world import World


class SavedBlock(NamedTuple):
    """What is stored of a block. Its people and opening balances follow from scenario and seed."""

    states: np.ndarray
    opened_day: npt.NDArray[np.int32]  # the one trait that a campaign can change
    later: np.ndarray  # rows that fall due on coming days
    rows: np.ndarray  # settled, in no part file yet
    issued: np.ndarray  # rows of cards issued so far
    received_minor: npt.NDArray[np.int64]  # books of the merchants, with one block of a holder
    devices: npt.NDArray[np.int64]  # keys seen in the rows of its part files


_KINDS = {
    "states": STATE,
    "opened_day": np.dtype(np.int32),
    "later": ROW,
    "rows": ROW,
    "issued": ROW,
    "received_minor": np.dtype(np.int64),
    "devices": np.dtype(np.int64),
}


def block_file(number: int) -> str:
    """Return the name of the file of a block."""
    return f"block-{number:05d}.npz"


def save_block(place: Place, name: str, saved: SavedBlock) -> None:
    """Write a block to the new file ``name`` of ``place``.

    Raises:
        FraudsimError: it cannot be written.
    """
    write_arrays(place, name, saved._asdict())


def load_block(place: Place, name: str, world: World, customers: range) -> SavedBlock:
    """Return the block of ``customers`` that was written to the file ``name`` of ``place``.

    Raises:
        CheckpointError: the file is missing, damaged, or not of such a block.
    """
    saved = SavedBlock(**read_arrays(place, name, _KINDS))
    path = place.shown(name)
    if len(saved.states) != len(customers) or len(saved.opened_day) != len(customers):
        raise damaged(path, f"it should hold {len(customers)} customers")
    if len(saved.received_minor) not in (0, len(world.merchants)):
        raise damaged(path, f"received_minor should have {len(world.merchants)} merchants")
    wrong = wrong_state(saved.states, world)
    for rows in (saved.later, saved.rows, saved.issued):
        wrong = wrong or wrong_row(rows, world, customers)
    if wrong:
        raise damaged(path, f"{wrong} cannot be")
    return saved
