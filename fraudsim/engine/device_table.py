"""The table of all devices, piece by piece: there are many more of them than customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fraudsim.agents.customers.devices import is_portable
from fraudsim.draws import uniforms
from fraudsim.engine.frames import enum, frame_of
from fraudsim.schema import DEVICE_TYPES, OPERATING_SYSTEMS
from fraudsim.streams import ID_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from fraudsim.engine.ids import PublicIds
    from fraudsim.streams import Streams

PIECE_ROWS = 1 << 17
"""Devices in a piece, about."""


def device_pieces(
    keys: Sequence[npt.NDArray[np.int64]], customers: int, ids: PublicIds, streams: Streams
) -> Iterator[pl.DataFrame]:
    """Yield the devices in the order of their ids.

    Args:
        keys: of the devices, those of one block after those of the other; a device may be in
            several.
        customers: size of the population.
        ids: the public ids of the run.
        streams: the randomness of the run.
    """
    parts = [np.sort(ids.of("device", part)) for part in keys]
    pieces = -(-sum(map(len, parts)) // PIECE_ROWS) or 1
    # ids are spread evenly, so equal parts of their range hold about as many
    bounds = [(k << ID_BITS) // pieces for k in range(1, pieces)]
    cut = [np.split(part, np.searchsorted(part, bounds)) for part in parts]
    for of_piece in zip(*cut, strict=True):
        found = np.unique(np.concatenate(of_piece))
        yield _devices(found, ids.numbers("device", found), customers, streams)


def _devices(
    device_id: npt.NDArray[np.int64],
    keys: npt.NDArray[np.int64],
    customers: int,
    streams: Streams,
) -> pl.DataFrame:
    """Return devices; what they are depends on the key alone, whoever holds them."""
    key, none = np.uint64(streams.key("devices")), np.zeros_like(keys)
    u, v = uniforms(key, keys, none, 0), uniforms(key, keys, none, 1)
    # what a fraudster holds is drawn like a browser that may be anything (assumption)
    owned = keys < 1 << 50
    portable = np.where(owned, is_portable(keys, customers, u), u < 0.6)
    kind = np.where(portable, np.where(v < 0.92, 0, 1), np.where(v < 0.75, 2, 3))
    handheld = np.where(u * 7 % 1 < 0.52, 0, 1)
    desk = np.searchsorted([0.72, 0.95], u * 11 % 1) + 2
    return frame_of(
        "devices",
        {
            "device_id": device_id,
            "device_type": enum(kind, DEVICE_TYPES),
            "os": enum(np.where(kind <= 1, handheld, desk), OPERATING_SYSTEMS),
        },
    )
