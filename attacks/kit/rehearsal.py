"""A rehearsal: one campaign on a small stage, against a bank that answers by script.

No simulator is needed. The world is real but small, the books are held in memory, and the stage
watches over what it is handed: an attempt before the clock, a sum below one, an empty batch or a
story that never ends is refused by name. ``fraudsim.attacks.kit.contract`` is made of rehearsals.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.evasion import STAGE, evaded
from fraudsim.attacks.kit.nouns import Attempts, Cards, Ints, Outcomes, Profile, Tap
from fraudsim.attacks.kit.scene import Scene
from fraudsim.attacks.kit.underworld import Underworld
from fraudsim.errors import CheckFailedError, FraudsimError, UsageError, nearest
from fraudsim.scenario import Scenario
from fraudsim.schema import RESPONSE_CODES
from fraudsim.streams import Streams
from fraudsim.world.world import World, build_world

if TYPE_CHECKING:
    from fraudsim.attacks.kit.evasion import Evasion
    from fraudsim.attacks.kit.pattern import AttackPattern

Bank = Callable[[np.ndarray], npt.NDArray[np.int8]]
"""Answers payments (rows, shape (n,)) with positions in ``schema.RESPONSE_CODES``, shape (n,)."""

MOST_ACTIONS = 20_000
"""A campaign that hands over more batches is taken to be endless."""
MOST_ROWS = 500_000
"""A campaign that makes more attempts is taken to be endless."""

_CODES = tuple(RESPONSE_CODES)
_THE_END = object()
_PAYMENTS = (row_codes.PURCHASE, row_codes.WITHDRAWAL, row_codes.TRANSFER)  # the bank decides


def answer_with(code: str) -> Bank:
    """Return a bank that answers every payment with one response code."""
    if code not in _CODES:
        raise UsageError(f"unknown response code '{code}'{nearest(code, _CODES)}")
    position = _CODES.index(code)
    return lambda rows: np.full(len(rows), position, dtype=np.int8)


def answer_all(rows: np.ndarray) -> npt.NDArray[np.int8]:
    """Approve every payment."""
    return answer_with("00")(rows)


def answer_none(rows: np.ndarray) -> npt.NDArray[np.int8]:
    """Refuse every payment without a reason (05)."""
    return answer_with("05")(rows)


def answer_some(seed: int, approved_share: float = 0.6) -> Bank:
    """Return a bank that approves a share and refuses the rest with codes of every kind."""
    rng = Streams(seed).get("rehearsal-bank")

    def answer(rows: np.ndarray) -> npt.NDArray[np.int8]:
        refusal = rng.integers(1, len(_CODES), len(rows))
        return np.where(rng.random(len(rows)) < approved_share, 0, refusal).astype(np.int8)

    return answer


class EndlessError(CheckFailedError):
    """A campaign does more than can be waited for."""


@dataclass(frozen=True)
class Rehearsal:
    """What one campaign did.

    Attributes:
        rows: every row that was answered, in the order in which they were handed over.
        answers: what each action received.
        ended: how it ended, in the words of the table ``campaigns``.
        gave_up: the reason that the pattern gave, if it gave up.
        point_of_compromise: index of the merchant that was breached, or -1.
        devices: keys of the devices that it can have: made for it, or its victims' phones.
        payees: keys of the accounts that it made to receive money.
    """

    rows: np.ndarray
    answers: tuple[Outcomes | Cards, ...]
    ended: Literal["finished", "gave_up", "run_ended"]
    gave_up: str
    point_of_compromise: int
    devices: frozenset[int]
    payees: frozenset[int]

    @property
    def payments(self) -> np.ndarray:
        """The rows that move money, but for a victim's own savings: what gets a label."""
        labelled = (self.rows["kind"] < row_codes.FIRST_EVENT) & (self.rows["case"] != 0)
        payments: np.ndarray = self.rows[labelled]
        return payments


def rehearse(
    pattern: AttackPattern,
    bank: Bank,
    seed: int,
    *,
    customers: int = 400,
    days: int = 120,
    start_day: int = 3,
    evasions: Sequence[Evasion] = (),
    start_s: float = 0.0,
) -> Rehearsal:
    """Run one campaign of ``pattern`` and return what it did.

    A pure function of its arguments, as long as the pattern draws from ``scene.rng`` alone.

    Args:
        pattern: the pattern with its parameters.
        bank: how payments are answered; events and deposits are always approved.
        seed: seed of the campaign and of the customers.
        customers: people in the world.
        days: length of the run.
        start_day: day on which the campaign may start.
        evasions: how it hides.
        start_s: seconds of that day at which it starts.

    Raises:
        CheckFailedError: the pattern broke a rule of the stage.
    """
    world = small_world(customers, days)
    books = RehearsalBooks(world, seed)
    streams = Streams(seed)
    underworld = Underworld(world, books, streams)
    scene = Scene(
        underworld,
        rng=streams.get("campaign", 0),
        campaign=0,
        start_us=world.calendar.day_start_us(start_day) + round(start_s * 1e6),
        stages=(*pattern.stages, STAGE) if evasions else pattern.stages,
    )
    stage = _Stage(pattern.name, scene, books, bank, end_us=world.calendar.end_us, streams=streams)
    ended = stage.play(evaded(pattern.run(scene), evasions, scene))
    scene.release()
    rows = np.concatenate([row_codes.empty_rows(0), *stage.rows])
    phones = books.profile(np.unique(rows["customer"])).device.tolist()
    return Rehearsal(
        rows,
        tuple(stage.answers),
        ended,
        scene.gave_up,
        scene.point_of_compromise,
        devices=frozenset({*scene.keys_made, *phones} - set(underworld.payees)),
        payees=frozenset(underworld.payees),
    )


@lru_cache(maxsize=8)
def small_world(customers: int, days: int) -> World:
    """Build the stage's world; it is the same for every seed, and never changed."""
    scenario = Scenario.model_validate(
        {
            "name": "rehearsal",
            "calendar": {"days": days},
            "population": {"customers": customers, "cities": 4},
        }
    )
    return build_world(scenario, Streams(0))


def what_happened(error: BaseException, file: str) -> str:
    """Return in one line: an exception, its message, and the last line of ``file`` before it."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    where = f" (line {lines[-1]} of {Path(file).name})" if lines else ""
    return " ".join(f"{type(error).__name__}: {error}".split()) + where


class RehearsalBooks:
    """The books of a few customers, kept in memory: approved payments change the balances."""

    def __init__(self, world: World, seed: int) -> None:
        """Draw who the customers are; ``seed`` decides."""
        rng = Streams(seed).get("rehearsal-books")
        count, people = world.customers, world.scenario.population
        self.city = rng.choice(world.places.home_count, count, p=world.places.home_weight)
        self.opens_on = np.where(np.arange(count) % 10 == 9, world.scenario.calendar.days, -1)
        self.has_credit = rng.random(count) < people.credit_card_share
        income = people.income_median_minor * rng.lognormal(0, people.income_log_sd, count)
        self.income_minor = np.rint(income).astype(np.int64)
        self.balance_minor = np.rint(income * rng.gamma(1.2, 0.9, count)).astype(np.int64)
        limit = np.rint(income * world.scenario.issuer.credit_limit_incomes).astype(np.int64)
        self.credit_room_minor = np.where(self.has_credit, limit, 0)

    def profile(self, customers: Ints) -> Profile:
        """Return the profile of the customers, in order."""
        return Profile(
            city=self.city[customers].astype(np.int64),
            has_credit=self.has_credit[customers],
            card_serial=np.zeros((len(customers), 2), dtype=np.int64),
            device=customers.astype(np.int64) * 16 + 1,
            income_minor=self.income_minor[customers],
            balance_minor=self.balance_minor[customers],
            credit_room_minor=self.credit_room_minor[customers],
            last_merchant=np.full(len(customers), -1, dtype=np.int64),
            opens_on=self.opens_on[customers],
        )

    def book(self, rows: np.ndarray) -> None:
        """Move the money of approved rows."""
        rows = rows[(rows["response"] == 0) & (rows["kind"] < row_codes.FIRST_EVENT)]
        credited = rows["kind"] == row_codes.DEPOSIT
        change = np.where(credited, rows["amount_minor"], -rows["amount_minor"])
        on_credit = rows["slot"] == row_codes.CREDIT
        np.add.at(self.credit_room_minor, rows["customer"][on_credit], change[on_credit])
        np.add.at(self.balance_minor, rows["customer"][~on_credit], change[~on_credit])


class _Stage:
    """Hands actions to the bank and answers back, and watches the rules."""

    def __init__(
        self,
        name: str,
        scene: Scene,
        books: RehearsalBooks,
        bank: Bank,
        *,
        end_us: int,
        streams: Streams,
    ) -> None:
        self.rows: list[np.ndarray] = []
        self.answers: list[Outcomes | Cards] = []
        self._name = name
        self._scene = scene
        self._books = books
        self._bank = bank
        self._end_us = end_us
        self._streams = streams
        self._made = 0

    def play(self, campaign: Any) -> Literal["finished", "gave_up", "run_ended"]:
        """Run the generator to its end, or to the end of the run."""
        if not hasattr(campaign, "send"):
            raise self._broken("run() must be a generator: write 'yield' before each action")
        answer: Outcomes | Cards | None = None
        for _ in range(MOST_ACTIONS):
            before_us = self._scene.now_us
            action = self._resume(campaign, answer)
            if action is _THE_END:
                return "gave_up" if self._scene.gave_up else "finished"
            self._check(action, before_us)
            if self._ends_at(action) >= self._end_us:
                self._stop(campaign)
                return "run_ended"
            answer = self._hear(action) if isinstance(action, Tap) else self._ask_bank(action)
            self.answers.append(answer)
        self._stop(campaign)
        raise EndlessError(
            f"{self._name}: does not end: {MOST_ACTIONS} batches were handed over; bound every "
            "loop, and stop when attempts are declined"
        )

    def _resume(self, campaign: Any, answer: Outcomes | Cards | None) -> Any:
        """Go on with the story; return its next action, or that it is at its end."""
        try:
            return campaign.send(answer)
        except StopIteration:
            return _THE_END
        except FraudsimError:
            raise
        except Exception as error:  # somebody's code may raise anything
            file = campaign.gi_code.co_filename
            raise self._broken(f"raised {what_happened(error, file)}") from error

    def _stop(self, campaign: Any) -> None:
        """Tell the story that the run is over; it has no say in that."""
        try:
            campaign.close()
        except Exception as error:
            raise self._broken(
                "goes on when the run is over; let GeneratorExit pass: no 'except:' and no "
                "'finally:' around a yield that yields again"
            ) from error

    def _check(self, action: Any, before_us: int) -> None:
        if self._scene.now_us < before_us:
            raise self._broken(
                "turned the clock back; let time pass with scene.wait(days=... >= 0)"
            )
        if isinstance(action, Tap):
            if action.until_us < self._scene.now_us:
                raise self._broken("a tap ends before it begins; give days >= 0")
            return
        if not isinstance(action, Attempts):
            raise self._broken(
                f"yielded {type(action).__name__}, not an action; yield what scene.charge, "
                "scene.transfer and the like return"
            )
        rows = action.rows
        if not len(rows):
            raise self._broken("handed over an empty batch; check that there are victims left")
        self._made += len(rows)
        if self._made > MOST_ROWS:
            raise EndlessError(
                f"{self._name}: does not end: more than {MOST_ROWS} attempts; bound every loop"
            )
        if rows["time_us"].min() < self._scene.now_us:
            raise self._broken("made an attempt before the clock; after_s must not be negative")
        if rows["amount_minor"][rows["kind"] < row_codes.FIRST_EVENT].min(initial=1) < 1:
            raise self._broken("attempted an amount below 1 minor unit; use np.maximum(amount, 1)")

    def _broken(self, reason: str) -> CheckFailedError:
        return CheckFailedError(f"{self._name}: {reason}")

    def _ends_at(self, action: Attempts | Tap) -> int:
        if isinstance(action, Tap):
            return action.until_us
        return int(action.rows["time_us"].max())

    def _hear(self, tap: Tap) -> Cards:
        """Let some customers pay at the breached merchant, whoever they are."""
        rng = self._streams.get("rehearsal-tap", len(self.answers))
        count = len(self._books.city)
        paid = rng.permutation(count)[: max(tap.limit, 1)]
        slot = self._books.has_credit[paid] & (rng.random(len(paid)) < 0.5)
        self._scene.now_us = tap.until_us
        hits = [(int(who), int(card), 0) for who, card in zip(paid, slot, strict=True)]
        return self._scene.hold_tapped(hits, tap.limit)

    def _ask_bank(self, attempts: Attempts) -> Outcomes:
        rows = attempts.rows.copy()
        asks = np.isin(rows["kind"], _PAYMENTS)
        rows["response"] = 0
        if asks.any():
            rows["response"][asks] = self._bank(rows[asks])
        self._books.book(rows)
        self.rows.append(rows)
        self._scene.now_us = int(rows["time_us"].max())
        return Outcomes.of(rows)
