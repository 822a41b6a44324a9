"""What is written when the last day is over: the standing tables, and the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.engine.device_table import device_pieces
from fraudsim.engine.directory import merchant_tables, payees_frame
from fraudsim.engine.frames import frame_of
from fraudsim.engine.ids import PublicIds
from fraudsim.engine.population import sort_rows
from fraudsim.engine.truth import (
    Reports,
    campaigns_frame,
    disputes_frame,
    labels_frame,
    payments_of,
    steps_frame,
)
from fraudsim.identities.pans import with_pans
from fraudsim.identities.payees import Holders, with_names_and_ibans
from fraudsim.schema import PAYEE_TYPES
from fraudsim.sinks.parquet import PartInfo, write_part, write_pieces

if TYPE_CHECKING:
    from fraudsim.engine.model import PaymentModel
    from fraudsim.engine.population import Closing
    from fraudsim.sinks.place import Place
    from fraudsim.streams import Streams


def write_standing(
    model: PaymentModel, closing: Closing, streams: Streams, place: Place
) -> list[PartInfo]:
    """Write the standing tables and the truth; transactions and events are written already.

    One table after the other: what is made of the frames of ``closing`` is let go with them.
    """
    ids = PublicIds(streams)
    tables = {name: pl.concat(frames) for name, frames in closing.tables.items()}
    closing.tables = {}
    payees = pl.concat([tables.pop("payees"), _fraud_payees(model, ids)])
    written = [_written(place, "cards", with_pans(tables.pop("cards")))]
    others = merchant_tables(model.world, ids) | _truth(model, closing, streams)
    written += [_written(place, name, others.pop(name)) for name in sorted(others)]
    holders = Holders.of(tables["accounts"], tables["identities"])
    written += [_written(place, name, tables.pop(name)) for name in sorted(tables)]
    named = with_names_and_ibans(payees, holders, streams)
    written.append(write_pieces(place, "payees", named))
    devices = device_pieces(closing.devices, model.world.customers, ids, streams)
    written.append(write_pieces(place, "devices", devices))
    return written


def _written(place: Place, name: str, frame: pl.DataFrame) -> PartInfo:
    return write_part(place, name, frame_of(name, frame.to_dict(as_series=True)))


def _truth(model: PaymentModel, closing: Closing, streams: Streams) -> dict[str, pl.DataFrame]:
    """Return the tables of what the fraudsters did, and what came of it."""
    ids = PublicIds(streams)
    frauds = payments_of(model.answered)
    frauds = frauds[np.lexsort((frauds["serial"], frauds["customer"]))]
    reports = Reports(sort_rows([model.issuer.all_notices(), closing.notices]))
    return {
        "labels": labels_frame(frauds, model.fraudsters, reports, ids),
        "campaigns": campaigns_frame(model.fraudsters, ids),
        "campaign_events": steps_frame(model.answered, ids),
        "disputes": disputes_frame(
            frauds, model.issuer.all_false_disputes(), reports, ids, streams
        ),
    }


def _fraud_payees(model: PaymentModel, ids: PublicIds) -> pl.DataFrame:
    """Return the payees of fraudsters as rows like all others."""
    made = model.underworld.payees
    kinds = np.array([PAYEE_TYPES.index(kind) for kind, _, _ in made.values()], dtype=np.int64)
    countries = [model.world.places.countries[code] for _, code, _ in made.values()]
    owners = np.array([owner for _, _, owner in made.values()], dtype=np.int64)
    keys = np.array(list(made), dtype=np.int64)
    return payees_frame(keys, kinds, pl.Series(countries, dtype=pl.String), owners, ids)
