"""A block of a few customers whose day is made by hand: requests in, settled rows out."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from fraudsim.agents.customers.day import RETRIES, Plan, attempt_from, lay_out, settle_from
from fraudsim.agents.customers.desk import ROOM_PER_ROW, Beside, Desk
from fraudsim.agents.customers.people import NEVER, PERSON, STATE
from fraudsim.agents.customers.town import build_town
from fraudsim.agents.issuer.authorise import build_rules
from fraudsim.moments import DAY_US
from fraudsim.rows import FALSE_DISPUTE, NOTICE, ROW, empty_rows
from fraudsim.scenario_files import load_scenario
from fraudsim.streams import Streams
from fraudsim.world.world import build_world

FIRST_DAY_US = 20_000 * DAY_US + 22 * 3_600_000_000
"""A bank's day that begins at 22:00 UTC, so that the counters of the UTC day roll within it."""


NOTHING = np.empty(0, ROW)


class Surroundings(NamedTuple):
    """What the kernels read beside the customers."""

    town: object
    rules: np.ndarray
    flagged: np.ndarray


@cache
def _world():
    scenario, streams = load_scenario("tiny"), Streams(7)
    world = build_world(scenario, streams)
    home = world.places.countries.index(scenario.population.country)
    return build_town(world), build_rules(scenario, home, streams)


def surroundings(flagged=(), **rules):
    """The town and the rules of the preset ``tiny`` with some rules changed."""
    town, usual = _world()
    changed = usual.copy()
    for name, value in rules.items():
        changed[name] = value
    mask = np.zeros(len(town.shops), dtype=bool)
    mask[list(flagged)] = True
    return Surroundings(town, changed, mask)


def customers(traits):
    """People and their states from dictionaries of fields; what is not said is zero or never."""
    people, states = np.zeros(len(traits), PERSON), np.zeros(len(traits), STATE)
    for field in ("notice_at", "reissue_at"):
        states[field] = NEVER
    for field in ("day", "hour", "last_merchant"):
        states[field] = -1
    states["payee_added_us"] = -(1 << 62)
    for i, fields in enumerate(traits):
        people["customer"][i] = i
        for name, value in fields.items():
            (people if name in PERSON.names else states)[name][i] = value
    return people, states


def requests(wanted):
    """Rows that wait for their answer, from dictionaries of fields."""
    rows = empty_rows(len(wanted))
    for row, fields in zip(rows, wanted, strict=True):
        for name, value in fields.items():
            row[name] = value
    return rows


class Day(NamedTuple):
    """What a day came to."""

    rows: np.ndarray  # settled, in no order
    messages: np.ndarray  # notices and false disputes
    later: np.ndarray  # what must happen on a later day


def live(day, planned, attempts, people, states, around, due=NOTHING):
    """Settle one day of all customers, attempts first as the engine does.

    Args:
        day: number of the day.
        planned: the customers' own requests, in any order.
        attempts: those of campaigns, in any order.
        people: who they are.
        states: what changes of them, in place.
        around: town, rules and flagged merchants.
        due: rows of earlier days that fall due, by customer.
    """
    end_us = FIRST_DAY_US + (day + 1) * DAY_US
    planned = planned[np.argsort(planned["customer"], kind="stable")]
    attempts = attempts[np.lexsort((attempts["time_us"], attempts["customer"]))]
    n = len(people)
    ends = np.searchsorted(planned["customer"], np.arange(n), side="right").astype(np.int64)
    rows = np.zeros(len(planned) + len(due) + RETRIES * n + 1, ROW)  # and one of scratch
    plan = Plan(rows, *np.zeros((4, n), np.int64), end_us)
    lay_out(planned, ends, due, 0, plan)
    desk = Desk(_beside(len(rows)), _beside(len(rows)), np.array([end_us]))
    who = (plan, desk, people, states, around.town, around.rules, around.flagged)
    assert attempt_from(0, attempts, 0, *who) == len(attempts)
    assert settle_from(0, end_us - 1, *who) == n
    kept = [rows[a:b] for a, b in zip(plan.start, plan.end, strict=True)]
    beside = desk.today.rows[: desk.today.used[0]]
    is_message = (beside["kind"] == NOTICE) | (beside["kind"] == FALSE_DISPUTE)
    settled = np.concatenate([*kept, attempts, beside[~is_message]])
    later = desk.later.rows[: desk.later.used[0]]
    return Day(settled[settled["response"] >= 0], beside[is_message], later)


def _beside(count):
    """Room enough for all that a day can add."""
    return Beside(np.zeros((count + 40) * ROOM_PER_ROW, ROW), np.zeros(1, np.int64))
