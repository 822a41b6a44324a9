"""The look-back features of what is audited: what a bank would know at each payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.features import OWN_TABLE_FAMILIES, build_features, features_of_history
from fraudsim.features.base import Grouping, History, codes_of

if TYPE_CHECKING:
    from fraudsim.quality.subject import Subject

MINOR_PER_UNIT = 100
OWNERS = ("account", "card", "customer")
"""Whose habits amounts are compared with: the first of these that the table has."""

ENTITIES = (*OWNERS, "merchant", "device", "payee")


def feature_pack(subject: Subject) -> pl.DataFrame:
    """Return the features of every payment, in the order of ``subject.payments``."""
    if subject.dataset is not None:
        return build_features(subject.dataset).drop("tx_id")
    ours = features_of_history(_history(subject), OWN_TABLE_FAMILIES)
    theirs = own_features(subject)
    return pl.concat([theirs.drop(ours.columns, strict=False), ours], how="horizontal")


def own_features(subject: Subject) -> pl.DataFrame:
    """Return the columns of a table that can be features: numbers, booleans, categories."""
    columns = []
    for column in subject.raw.select(subject.request_columns):
        if column.dtype.is_numeric() or column.dtype == pl.Boolean:
            columns.append(column)
        else:
            texts = column.cast(pl.String)
            columns.append(texts.cast(pl.Enum(texts.drop_nulls().unique().sort())))
    return pl.DataFrame(columns)


def _history(subject: Subject) -> History:
    payments = subject.payments
    amount = (
        np.rint(payments["amount"].fill_null(0).to_numpy() * MINOR_PER_UNIT).astype(np.int64)
        if "amount" in payments.columns
        else None
    )
    entities = [name for name in ENTITIES if name in payments.columns]
    return History(
        rows=payments.select("event_time"),
        time_us=payments["event_time"].dt.timestamp("us").to_numpy(),
        amount_minor=amount,
        outgoing=subject.is_request,
        declined=None,
        entities={name: Grouping.of(codes_of(payments[name])) for name in entities},
        owner=next((name for name in OWNERS if name in entities), None),
        timezone=subject.timezone if subject.has_dates else None,
        tables=None,
    )
