"""Every kernel under the features against a reference that follows its definition, in plain Python.

All results are integers, so they must be equal.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudsim.features import kernels
from fraudsim.features.base import numbered_in_order, sorted_by

KERNELS = {name: kernel for name, kernel in vars(kernels).items() if hasattr(kernel, "py_func")}
FEW = st.integers(-1, 2)
WIDE = st.sampled_from([-(2**63), -(2**52), -1, 0, 1, 2**11, 2**52 - 1, 2**52, 2**63 - 1])
TIME = st.integers(0, 30)
SMALL, HUGE = st.integers(-5, 5), st.integers(-(2**62), 2**62)


def columns(*kinds, most=40):
    """Lists of equal length, one per kind of value."""
    rows = st.lists(st.tuples(*kinds), max_size=most)
    return rows.map(
        lambda chosen: [list(column) for column in zip(*chosen, strict=True)] or [[] for _ in kinds]
    )


@st.composite
def pasts(draw, *more):
    """Order, codes and times by position, and further columns by row."""
    codes, times, *others = draw(columns(FEW, TIME, *more))
    times = sorted(times)  # a table stands in the order of time
    order = sorted(range(len(codes)), key=lambda row: codes[row])
    return [order, [codes[row] for row in order], [times[row] for row in order], *others]


@st.composite
def windows(draw):
    """Order, first, last, and the sums before each position of values with windows of 64 bits."""
    order, codes, times, value = draw(pasts(HUGE))
    first = window_starts(codes, times, 9)
    kept = [draw(st.integers(position - 1, position)) for position in range(len(order))]
    first = [max(a, b) for a, b in zip(first, kept, strict=True)]  # at most one value each
    last = list(range(len(order)))
    return [order, first, last, [wrapped(one) for one in exact_sums_before(order, value)]]


def wrapped(number):
    """The integer of 64 bits that a sum becomes when it overflows."""
    return (number + 2**63) % 2**64 - 2**63


def exact_sums_before(order, value):
    return [sum(value[row] for row in order[:end]) for end in range(len(order) + 1)]


def window_starts(codes, times, span):
    return [
        min(q for q in range(len(codes)) if codes[q] == code and times[q] >= time - span)
        for code, time in zip(codes, times, strict=True)
    ]


def sums_before(order, value):
    return [wrapped(one) for one in exact_sums_before(order, value)]


def counts_between(order, first, last):
    held = {row: len(range(first[p], last[p])) for p, row in enumerate(order)}
    return [held[row] for row in range(len(order))]


def sums_between(order, first, last, sums):
    found = {row: wrapped(sums[last[p]] - sums[first[p]]) for p, row in enumerate(order)}
    return [found[row] for row in range(len(order))]


def rows_before(order, codes):
    """For each row, in the order of the table, the rows of its entity that stand before it."""
    entity = dict(zip(order, codes, strict=True))
    return [[j for j in range(i) if entity[j] == entity[i]] for i in range(len(order))]


def previous_rows(order, codes):
    return [before[-1] if before else -1 for before in rows_before(order, codes)]


def first_rows(order, codes):
    return [before[0] if before else row for row, before in enumerate(rows_before(order, codes))]


def pair_numbers(_order, left, right):
    pairs = list(zip(left, right, strict=True))
    rank = {pair: number for number, pair in enumerate(sorted(set(pairs)), start=1)}
    return [rank[pair] for pair in pairs]


def times_before(order, codes, times, event_codes, event_times):
    """For each row, in the order of the table, the times of its entity's events before it."""
    events = list(zip(event_codes, event_times, strict=True))
    found = {
        row: [t for code, t in events if code == codes[p] and t < times[p]]
        for p, row in enumerate(order)
    }
    return [found[row] for row in range(len(order))]


def last_event_times(*arguments):
    return [max(times, default=-1) for times in times_before(*arguments)]


def event_counts(order, codes, times, event_codes, event_times, window):
    now = dict(zip(order, times, strict=True))
    before = times_before(order, codes, times, event_codes, event_times)
    return [sum(t >= now[row] - window for t in seen) for row, seen in enumerate(before)]


def comes_before(code_a, time_a, code_b, time_b):
    return (code_a, time_a) < (code_b, time_b)


def by_pair(lists):
    left, right = lists
    return [sorted(range(len(left)), key=lambda row: (left[row], right[row])), left, right]


def with_events(*more):
    events = st.lists(st.tuples(FEW, TIME), max_size=20).map(sorted)
    return st.tuples(pasts(), events, *more).map(
        lambda drawn: [*drawn[0], [c for c, _ in drawn[1]], [t for _, t in drawn[1]], *drawn[2:]]
    )


def number_values(values, _slots, _distinct):
    seen = list(dict.fromkeys(values))
    return [seen.index(value) for value in values]


def with_room(values):
    """Values, empty slots, and room for their distinct values."""
    room = len(set(values))
    return [values, [-1] * 2 ** (room.bit_length() + 1), [0] * room]


def sort_by_number(numbers, order, _ends):
    return sorted(order, key=lambda row: numbers[row])  # Python's sort is stable


def to_sort(numbers):
    """Numbers, the rows in any order, and a count for each number."""
    ends = [0] * (max(numbers, default=-1) + 2)
    return st.permutations(range(len(numbers))).map(lambda order: [numbers, order, ends])


SPANS = st.integers(0, 20)
REFERENCES = {
    "number_values": (st.lists(FEW | WIDE, max_size=40).map(with_room), number_values),
    "sort_by_number": (st.lists(st.integers(0, 9), max_size=40).flatmap(to_sort), sort_by_number),
    "window_starts": (
        st.tuples(pasts(), SPANS).map(lambda drawn: [*drawn[0][1:], drawn[1]]),
        window_starts,
    ),
    "sums_before": (
        (pasts(SMALL) | pasts(HUGE) | pasts(st.booleans())).map(lambda past: [past[0], past[3]]),
        sums_before,
    ),
    "counts_between": (windows().map(lambda drawn: drawn[:3]), counts_between),
    "sums_between": (windows(), sums_between),
    "previous_rows": (pasts().map(lambda past: past[:2]), previous_rows),
    "first_rows": (pasts().map(lambda past: past[:2]), first_rows),
    "pair_numbers": (columns(FEW | WIDE, FEW).map(by_pair), pair_numbers),
    "_comes_before": (st.tuples(FEW, TIME, FEW, TIME), comes_before),
    "last_event_times": (with_events(), last_event_times),
    "event_counts": (with_events(SPANS), event_counts),
}
"""Kernel -> arguments to try, and what it should give."""

RETURNS = {"_comes_before"}
"""The kernels that return what they find; the others write it into their last argument."""


def as_the_kernel_takes_it(argument):
    if not isinstance(argument, list):
        return np.int64(argument)
    is_bool = bool(argument) and isinstance(argument[0], bool)
    return np.array(argument, dtype=np.bool_ if is_bool else np.int64)


def test_every_kernel_has_a_reference():
    assert set(REFERENCES) == set(KERNELS)


@settings(max_examples=100, deadline=None)
@given(codes=st.lists(FEW | WIDE | st.integers(-(2**63), 2**63 - 1), max_size=40), data=st.data())
def test_the_sort_gives_what_its_definition_says(codes, data):
    order = data.draw(st.permutations(range(len(codes))))
    found = sorted_by(np.array(codes, np.int64), np.array(order, np.int64))
    assert found.tolist() == sorted(order, key=lambda row: codes[row])  # Python's sort is stable


@given(values=st.lists(WIDE, max_size=40), room=st.integers(0, 10))
def test_values_are_numbered_while_there_is_room(values, room):
    slots, distinct = np.full(32, -1), np.zeros(room, np.int64)
    out = np.empty(len(values), np.int64)
    found = kernels.number_values(np.array(values, np.int64), slots, distinct, out)
    seen = list(dict.fromkeys(values))
    assert found == (len(seen) if len(seen) <= room else -1)
    assert distinct[: max(found, 0)].tolist() == seen[: max(found, 0)]


@pytest.mark.parametrize(
    ("codes", "way"),
    [
        (np.arange(1000) % 7 - 1, "counted"),
        (np.arange(1000) % 7 * 10**17, "numbered"),
        (np.arange(1000) * 10**15, "by polars"),
        (np.empty(0, np.int64), "by polars"),
    ],
)
def test_each_way_to_sort_is_stable(codes, way):
    _numbers, count = numbered_in_order(codes)
    assert count == {"counted": 7, "numbered": 7, "by polars": 0}[way]
    order = np.argsort(codes * 7 % 11, kind="stable")
    wanted = order[np.argsort(codes[order], kind="stable")]
    assert (sorted_by(codes, order) == wanted).all()


@pytest.mark.parametrize("name", sorted(REFERENCES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_kernel_gives_what_its_definition_says(name, data):
    choices, reference = REFERENCES[name]
    arguments = data.draw(choices)
    taken = [as_the_kernel_takes_it(one) for one in arguments]
    wanted = reference(*arguments)
    if name in RETURNS:
        found = KERNELS[name](*taken)
    else:
        found = np.full(len(wanted), 77, np.int64)
        KERNELS[name](*taken, found)
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == wanted
