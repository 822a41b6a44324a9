"""What the models of the audit have to run: a stream of payments, split by time, and their scores.

The protocol is that of ``fraudsim.splits``: the model is fitted when the last 30 % of the time
begins, learns from what is a week older with the labels known by then, and is judged on the truth.
Genuine rows to learn from are a random part that weighs as much as all; nothing that is judged is
left out. Every model is fitted once, whichever checks ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from fraudsim import metrics
from fraudsim.errors import UsageError
from fraudsim.examples import NEVER_US, Examples
from fraudsim.features.base import codes_of
from fraudsim.quality.check import CannotCheckError, Check
from fraudsim.quality.difficulty.models import MODELS, Lesson
from fraudsim.quality.feature_pack import own_features
from fraudsim.quality.intervals import percentiles
from fraudsim.splits import TimeSplit
from fraudsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from fraudsim.metrics import Order, Scored
    from fraudsim.quality.check import Measurement
    from fraudsim.quality.subject import Subject
    from fraudsim.splits import Split

TEST_SHARE = 0.3
DELAY_DAYS = 7.0
LEAST_FRAUDS = 30
"""Known frauds to learn from and frauds to judge by, at the least. 30 leave the AUC a standard
error of about .04 (Hanley and McNeil 1982), as wide as the band: fewer say nothing."""

MOST_GENUINE = 60_000
"""Genuine rows that are learnt from: some 200 for each known fraud of a million payments."""

ANCHOR_RATE = 0.0025
"""Worldline's online payments, 2018: 25 in 10,000."""

REPLICATES = 200
WHO = ("account", "card", "customer")
"""Whom frauds come in runs for, and so whom intervals resample: the first that is there."""

ENTITIES = (*WHO, "merchant", "terminal", "device", "payee")
"""Who is who: the columns of a table that is rich in entities."""

STREAMS: Mapping[str, pl.Expr] = {
    "online": pl.col("channel") == "ecom",
    "transfers": pl.col("channel") == "online_banking",
}
"""The streams that are judged apart, for a bank runs a model for each: by channel. No public figure
says how hard fraud in person is to find."""

PRIMARY: Mapping[str, tuple[str, ...]] = {
    "cards": ("online",),
    "payments": ("transfers",),
    "mixed": ("online", "transfers"),
}
"""The streams of a profile; other tables are judged as a whole."""


@dataclass(eq=False)
class Course:
    """One stream of a subject, and what the models made of it.

    Attributes:
        stream: its name, the end of the names of its measurements.
        examples: the requests of the stream with the feature pack.
        raw: what stands in each request, with local hour and weekday.
        entities: who is who, as numbers.
        split: by time.
        delay_days: how much older than the fit the rows to learn from are.
        seed: of everything random.
    """

    stream: str
    examples: Examples
    raw: pl.DataFrame
    entities: pl.DataFrame
    split: Split
    delay_days: float
    seed: int
    _scores: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def score(self, model: str) -> NDArray[np.float64]:
        """Return what a model of ``MODELS`` says of each test row; fitted once."""
        if model not in self._scores:
            table = self.raw if MODELS[model].raw else self.examples.features
            train, weight = self.sample(self.split.train, self.split.known_fraud)
            lesson = Lesson(table[self.split.train[train]], self.split.known_fraud[train], weight)
            self._scores[model] = MODELS[model].score(lesson, table[self.split.test])
        return self._scores[model]

    def sample(
        self, rows: NDArray[np.int64], fraud: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return places in ``rows``: all frauds, some genuine rows; and the weight of each."""
        genuine = np.flatnonzero(~fraud)
        used = genuine
        if genuine.size > MOST_GENUINE:
            stream = Streams(self.seed).get(f"audit difficulty {self.stream}", rows.size)
            used = stream.choice(genuine, MOST_GENUINE, replace=False)
        places = np.sort(np.concatenate([used, np.flatnonzero(fraud)]))
        return places, np.where(fraud[places], 1.0, genuine.size / max(used.size, 1))

    def judged(self, model: str) -> Judged:
        """Return the ranking of a model on the test rows, with intervals."""
        return judge(self.examples, self.split.test, self.score(model), self.seed)

    @property
    def test_fraud(self) -> NDArray[np.bool_]:
        """The truth of the test rows."""
        truth: NDArray[np.bool_] = self.examples.fraud[self.split.test]
        return truth

    @property
    def test_rate(self) -> float:
        """The share of fraud in the test rows."""
        return float(self.test_fraud.mean())


@dataclass(frozen=True)
class Judged:
    """Scores beside the truth, what they are worth, and how sure that is.

    Attributes:
        rows: the rows judged.
        order: theirs.
        values: average precision, ROC AUC and recall at 1 % false positives.
        intervals: 95 %, by resampling accounts.
    """

    rows: Scored
    order: Order
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]

    def interval(self, name: str) -> tuple[float, float]:
        """Return low and high of a metric; not numbers where there is none."""
        return self.intervals.get(name, (float("nan"), float("nan")))


def judge(
    examples: Examples, rows: NDArray[np.int64], score: NDArray[np.float64], seed: int
) -> Judged:
    """Return what scores of some rows are worth."""
    beside = metrics.scored(
        score,
        fraud=examples.fraud[rows],
        time_us=examples.time_us[rows],
        account=examples.account[rows],
        at_risk=None,
    )
    order = metrics.Order.of(beside.score)
    return Judged(
        beside,
        order,
        metrics.ranking_metrics(beside, order),
        metrics.ranking_intervals(beside, order, Streams(seed), replicates=REPLICATES),
    )


def weights_at_rate(fraud: NDArray[np.bool_], rate: float) -> NDArray[np.float64]:
    """Return the weight of each row with which such a share of them is fraud."""
    odds = fraud.sum() / (~fraud).sum()
    weights: NDArray[np.float64] = np.where(fraud, 1.0, odds * (1 - rate) / rate)
    return weights


def paired_interval(
    one: Judged, other: Judged, seed: int, compare: Callable[[float, float], float]
) -> tuple[float, float]:
    """Return the 95 % interval of two average precisions compared, accounts resampled."""
    name = "average_precision"
    found = [
        compare(
            metrics.weighted_ranking(one.rows, one.order, times)[name],
            metrics.weighted_ranking(other.rows, other.order, times)[name],
        )
        for times in metrics.account_draws(one.rows.account, Streams(seed), REPLICATES)
    ]
    return percentiles(found)


_COURSES: WeakKeyDictionary[Subject, dict[str, Course | str]] = WeakKeyDictionary()


def check_of(
    name: str,
    question: str,
    measure: Callable[[Course], Iterator[Measurement]],
) -> Check:
    """Return a check of this group that measures every stream; see ``over_streams``."""
    return Check("difficulty", name, question, lambda subject: over_streams(subject, measure))


def over_streams(
    subject: Subject, measure: Callable[[Course], Iterator[Measurement]]
) -> Iterator[Measurement]:
    """Yield what is measured of every stream that the profile is judged by.

    Args:
        subject: what is audited.
        measure: of one stream; may raise ``CannotCheckError`` for it.

    Raises:
        CannotCheckError: after the others, with the reason of each stream that cannot be measured.
    """
    reasons = []
    for name in _names(subject):
        course = _course(subject, name)
        if isinstance(course, str):
            reasons.append(course)
            continue
        try:
            yield from measure(course)
        except CannotCheckError as error:
            reasons.append(f"{name}: {error}")
    if reasons:
        raise CannotCheckError("; ".join(reasons))


def _names(subject: Subject) -> tuple[str, ...]:
    if "channel" not in subject.payments.columns:
        return ("all",)
    return PRIMARY.get(subject.profile, ("all",))


def _course(subject: Subject, name: str) -> Course | str:
    """Return a course, or the reason why there is none; made once."""
    known = _COURSES.setdefault(subject, {})
    if name not in known:
        try:
            known[name] = _made(subject, name)
        except (CannotCheckError, UsageError) as error:
            known[name] = f"{name}: {error}"
    return known[name]


def _made(subject: Subject, name: str) -> Course:
    asked = pl.Series(subject.is_request)
    if name != "all":
        asked &= subject.payments.select(STREAMS[name].fill_null(value=False)).to_series()
    rows = np.flatnonzero(asked.to_numpy())
    _need(int(subject.payments["is_fraud"].to_numpy()[rows].sum()), "frauds in the stream")
    examples = _examples(subject, rows)
    known_when = "reported_at" in subject.payments.columns
    delay_days = DELAY_DAYS if known_when else 0.0
    split = TimeSplit(
        test_share=TEST_SHARE,
        by="time" if known_when else "rows",
        delay_days=delay_days,
    ).apply(examples)
    _need(int(split.known_fraud.sum()), "known frauds to learn from")
    _need(int(examples.fraud[split.test].sum()), "frauds to judge by")
    return Course(
        stream=name,
        examples=examples,
        raw=_raw(subject, rows),
        entities=_entities(subject, rows),
        split=split,
        delay_days=delay_days,
        seed=subject.seed,
    )


def _need(frauds: int, what: str) -> None:
    if frauds < LEAST_FRAUDS:
        raise CannotCheckError(f"too few {what}: {frauds}, at least {LEAST_FRAUDS} are needed")


def _examples(subject: Subject, rows: NDArray[np.int64]) -> Examples:
    payments = subject.payments
    time_us = payments["event_time"].dt.timestamp("us").to_numpy()[rows]
    fraud = payments["is_fraud"].to_numpy()[rows]
    known_at = np.where(fraud, time_us, NEVER_US)
    if "reported_at" in payments.columns:
        known_at = payments["reported_at"].dt.timestamp("us").fill_null(NEVER_US).to_numpy()[rows]
    who = next((name for name in WHO if name in payments.columns), None)
    amount = payments["amount"].to_numpy()[rows] if "amount" in payments.columns else None
    return Examples(
        features=subject.features[rows],
        row_id=rows,
        time_us=time_us,
        has_dates=subject.has_dates,
        fraud=fraud,
        known_at_us=known_at,
        account=rows if who is None else codes_of(payments[who])[rows],
        amount=amount,
        at_risk=None,
        attack=payments["attack"][rows] if "attack" in payments.columns else None,
        amount_column=None,
        look_back=subject.dataset is not None,
        source=subject.source,
    )


def _raw(subject: Subject, rows: NDArray[np.int64]) -> pl.DataFrame:
    columns = [column[rows] for column in own_features(subject)]
    if subject.has_dates:
        local = subject.payments["local_time"][rows]
        hour = local.dt.hour().cast(pl.Float32) + local.dt.minute().cast(pl.Float32) / 60
        columns += [hour.alias("local_hour_of_day"), local.dt.weekday().alias("local_weekday")]
    return pl.DataFrame(columns)


def _entities(subject: Subject, rows: NDArray[np.int64]) -> pl.DataFrame:
    """Number who is who by the order of the ids, as a naive modeller would; may have no column."""
    known = [name for name in ENTITIES if name in subject.payments.columns]
    return pl.DataFrame(
        [
            subject.payments[name].rank("dense")[rows].cast(pl.Float32).alias(f"code_of_{name}")
            for name in known
        ]
    )
