"""What really happened: labels, campaigns and disputes, from the fraudsters' side of the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from fraudsim.agents.issuer.authorise import RESTRICTED, STOLEN_CARD_CODE
from fraudsim.draws import uniforms
from fraudsim.engine.frames import enum, frame_of, times, where
from fraudsim.moments import DAY_US
from fraudsim.rows import (
    ACCOUNT_CASE,
    CASES,
    COPIED_CARD,
    DEPOSIT,
    FIRST_EVENT,
    FIRST_PARTY,
    MULE,
    REFUND,
    REMOTE_CARD,
    REPAYMENT,
    SCAM,
    STOLEN_CARD,
    joined,
)
from fraudsim.schema import DISPUTE_OUTCOMES, DISPUTE_REASONS, REPORT_SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fraudsim.agents.fraudster import Fraudster
    from fraudsim.engine.ids import PublicIds
    from fraudsim.streams import Streams

_NEVER = np.iinfo(np.int64).max
_ALERT = REPORT_SOURCES.index("issuer_alert")
NO_LOSS = (DEPOSIT, REFUND, REPAYMENT)
"""Kinds of fraudulent row that take nothing from an account, so nobody disputes them."""
_BLOCKED_CODES = np.array([RESTRICTED, STOLEN_CARD_CODE])

_REASON = {
    STOLEN_CARD: "10.5",
    COPIED_CARD: "10.1",
    REMOTE_CARD: "10.4",
    ACCOUNT_CASE: "scam_claim",
    SCAM: "scam_claim",
    FIRST_PARTY: "credit_loss",
    MULE: "scam_claim",
}
"""Visa dispute conditions: 10.1 counterfeit, 10.4 card-absent fraud, 10.5 monitoring programme."""
_OUTCOMES = {
    # assumption: chance of each of schema.DISPUTE_OUTCOMES, in order
    REMOTE_CARD: (0.25, 0.70, 0.05, 0.0),
    STOLEN_CARD: (0.80, 0.10, 0.10, 0.0),
    COPIED_CARD: (0.50, 0.48, 0.02, 0.0),
    ACCOUNT_CASE: (0.95, 0.0, 0.05, 0.0),
    SCAM: (0.60, 0.0, 0.40, 0.0),
    FIRST_PARTY: (0.0, 0.0, 0.0, 1.0),
    MULE: (0.0, 0.0, 0.0, 1.0),
}
_FALSE_OUTCOMES = (0.15, 0.35, 0.50, 0.0)


class Reports:
    """When the bank learnt of each case, per customer and instrument."""

    def __init__(self, notices: np.ndarray) -> None:
        self._key = _instrument(notices)
        order = np.lexsort((notices["time_us"], self._key))
        self._key = self._key[order]
        self._time = notices["time_us"][order]
        self._source = notices["stage"][order].astype(np.int64)

    def of(self, frauds: np.ndarray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return (time or _NEVER, source) of the report that covers each fraudulent row.

        The report is the next one on the same instrument. A try on a card that the bank has
        blocked for fraud needs no report: the bank knows at once.
        """
        key = _instrument(frauds)
        at_once = np.isin(frauds["response"], _BLOCKED_CODES)
        after = self._first_after(key, frauds["time_us"])
        is_reported = after < np.searchsorted(self._key, key, side="right")
        time = np.full(len(frauds), _NEVER)
        source = np.zeros(len(frauds), dtype=np.int64)
        time[is_reported] = self._time[after[is_reported]]
        source[is_reported] = self._source[after[is_reported]]
        time[at_once] = frauds["time_us"][at_once]
        source[at_once] = _ALERT
        return time, source

    def _first_after(
        self, key: npt.NDArray[np.int64], time_us: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Return how many reports stand before each moment of an instrument, in their order."""
        is_report = np.arange(len(self._key) + len(key)) < len(self._key)
        times = np.concatenate([self._time, time_us])
        order = np.lexsort((is_report, times, np.concatenate([self._key, key])))
        before = np.empty(len(order), dtype=np.int64)
        before[order] = np.cumsum(is_report[order])
        return before[len(self._key) :]


def labels_frame(
    frauds: np.ndarray,
    fraudsters: Sequence[Fraudster],
    reports: Reports,
    ids: PublicIds,
) -> pl.DataFrame:
    """Return the table ``labels`` for settled fraudulent payments."""
    time, source = reports.of(frauds)
    known = time < _NEVER
    names = [f.pattern.name for f in fraudsters]
    stages = [f.scene.stages for f in fraudsters]
    pairs = list(zip(frauds["campaign"].tolist(), frauds["stage"].tolist(), strict=True))
    return frame_of(
        "labels",
        {
            "tx_id": ids.serial("tx", frauds["customer"], frauds["serial"]),
            "attack": pl.Series([names[c] for c, _ in pairs], dtype=pl.String),
            "campaign_id": ids.of("campaign", frauds["campaign"]),
            "stage": pl.Series([stages[c][s] for c, s in pairs], dtype=pl.String),
            "reported_at": where(known, times(np.where(known, time, 0))),
            "report_source": where(known, enum(source, REPORT_SOURCES)),
        },
    )


def campaigns_frame(fraudsters: Sequence[Fraudster], ids: PublicIds) -> pl.DataFrame:
    """Return the table ``campaigns``, also of those that came to nothing."""
    number = np.array([f.campaign for f in fraudsters], dtype=np.int64)
    point = np.array([f.scene.point_of_compromise for f in fraudsters], dtype=np.int64)
    return frame_of(
        "campaigns",
        {
            "campaign_id": ids.of("campaign", number),
            "attack": pl.Series([f.pattern.name for f in fraudsters], dtype=pl.String),
            "fraudster_id": ids.of("fraudster", number),
            "started_at": times(np.array([f.started_us for f in fraudsters], np.int64)),
            "ended_at": times(np.array([f.ended_us for f in fraudsters], np.int64)),
            "end": pl.Series([f.end for f in fraudsters], dtype=pl.String),
            "victims": [len(f.victims) for f in fraudsters],
            "attempts": [f.attempts for f in fraudsters],
            "approved": [f.approved for f in fraudsters],
            "taken_minor": [f.taken_minor for f in fraudsters],
            "received_minor": [f.received_minor for f in fraudsters],
            "spent_minor": [f.scene.purse.spent_minor for f in fraudsters],
            "earned_minor": [f.scene.purse.earned_minor for f in fraudsters],
            "obtained": _json(f.scene.obtained for f in fraudsters),
            "drawn": _json(_short(f.scene.facts) for f in fraudsters),
            "gave_up": pl.Series([f.scene.gave_up for f in fraudsters], dtype=pl.String),
            "parameters": _parameters(fraudsters),
            "point_of_compromise": where(
                point >= 0, pl.Series(ids.of("merchant", np.maximum(point, 0)))
            ),
        },
    )


def _json(values: Iterable[Mapping[str, Any]]) -> pl.Series:
    return pl.Series([json.dumps(value, sort_keys=True) for value in values], dtype=pl.String)


def _parameters(fraudsters: Sequence[Fraudster]) -> pl.Series:
    """Return the parameters of each pattern; most fraudsters share one with many."""
    patterns = {id(f.pattern): f.pattern for f in fraudsters}
    told = _json(pattern.model_dump(mode="json") for pattern in patterns.values())
    of_pattern = dict(zip(patterns, told, strict=True))
    return pl.Series([of_pattern[id(f.pattern)] for f in fraudsters], dtype=pl.String)


def _short(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Round the numbers to four digits: what somebody reads."""
    return {
        name: float(f"{fact:.4g}") if isinstance(fact, float) else fact
        for name, fact in facts.items()
    }


def steps_frame(answered: Sequence[np.ndarray], ids: PublicIds) -> pl.DataFrame:
    """Return the table ``campaign_events``: logins, enrolments and the like that campaigns made."""
    rows = joined(answered)
    rows = rows.compress((rows["kind"] >= FIRST_EVENT) & (rows["response"] >= 0))
    rows = rows.take(np.lexsort((rows["serial"], rows["customer"])))
    return frame_of(
        "campaign_events",
        {
            "event_id": ids.serial("event", rows["customer"], rows["serial"]),
            "campaign_id": ids.of("campaign", rows["campaign"]),
        },
    )


def disputes_frame(
    frauds: np.ndarray,
    false_disputes: np.ndarray,
    reports: Reports,
    ids: PublicIds,
    streams: Streams,
) -> pl.DataFrame:
    """Return the table ``disputes``: reported frauds that were approved, and false claims."""
    time, _source = reports.of(frauds)
    real = (frauds["response"] == 0) & (time < _NEVER) & ~np.isin(frauds["kind"], NO_LOSS)
    rows = joined([frauds.compress(real), false_disputes])
    key = streams.key("disputes")
    draws = _draws(key, rows)
    # false claims come 2 to 30 days after the payment (assumption)
    false_at = false_disputes["time_us"] + ((2 + 28 * draws[real.sum() :, 0]) * DAY_US).astype(
        np.int64
    )
    opened = np.concatenate([time[real], false_at])
    case = rows["case"].astype(np.int64)
    false_reason = np.where(draws[:, 1] < 0.5, "10.4", np.where(draws[:, 1] < 0.8, "13.1", "13.3"))
    reason = [_REASON[c] if c else str(r) for c, r in zip(case.tolist(), false_reason, strict=True)]
    chances = np.array([_OUTCOMES.get(c, _FALSE_OUTCOMES) for c in range(len(CASES))])
    outcome = (draws[:, 2, None] >= np.cumsum(chances, axis=1)[case][:, :-1]).sum(axis=1)
    resolved = opened + ((3 + 50 * draws[:, 3]) * DAY_US).astype(np.int64)
    return frame_of(
        "disputes",
        {
            "dispute_id": ids.serial("dispute", rows["customer"], rows["serial"]),
            "tx_id": ids.serial("tx", rows["customer"], rows["serial"]),
            "customer_id": ids.of("customer", rows["customer"]),
            "opened_at": times(opened),
            "reason": pl.Series(reason, dtype=pl.Enum(DISPUTE_REASONS)),
            "amount_minor": rows["amount_minor"],
            "outcome": enum(outcome, DISPUTE_OUTCOMES),
            "resolved_at": times(resolved),
        },
    )


def payments_of(answered: Sequence[np.ndarray]) -> np.ndarray:
    """Return the settled payments among what campaigns attempted, but for the victims' own."""
    rows = joined(answered)
    of_fraud = (rows["kind"] < FIRST_EVENT) & (rows["response"] >= 0) & (rows["case"] != 0)
    payments: np.ndarray = rows.compress(of_fraud)
    return payments


def _instrument(rows: np.ndarray) -> npt.NDArray[np.int64]:
    """Return one number per customer and slot."""
    number: npt.NDArray[np.int64] = rows["customer"].astype(np.int64) * 4 + rows["slot"]
    return number


def _draws(key: int, rows: np.ndarray) -> npt.NDArray[np.float64]:
    """Return four uniform draws per row, shape (n, 4)."""
    who, which = rows["customer"].astype(np.int64), rows["serial"].astype(np.int64)
    return np.stack([uniforms(np.uint64(key), who, which, k) for k in range(4)], axis=1)
