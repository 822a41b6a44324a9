"""The latest rows of each entity, as far back as the longest window."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict


class Recent:
    """Times of the rows of one entity in their order, and running sums of what is counted.

    8 bytes for the time and for each sum of a row, at most twice the rows of the longest window.
    """

    __slots__ = ("sums", "time_us")

    def __init__(self, values: int) -> None:
        self.time_us = array("q")
        self.sums = tuple(array("q", [0]) for _value in range(values))

    def add(self, time_us: int, values: tuple[int, ...], longest_us: int) -> None:
        """Add a row that is not earlier than the last, and drop rows older than the window."""
        self.time_us.append(time_us)
        for sums, value in zip(self.sums, values, strict=True):
            sums.append(wrapped(sums[-1] + value))
        old = self.since(time_us - longest_us)
        if old * 2 > len(self.time_us):  # half at a time, so that a row is moved once or twice
            del self.time_us[:old]
            for sums in self.sums:
                del sums[:old]

    def since(self, time_us: int) -> int:
        """Return the place of the first row that is not before a moment."""
        return bisect_left(self.time_us, time_us)

    def sum_from(self, value: int, place: int) -> int:
        """Return the sum of a value over the rows from a place on."""
        sums = self.sums[value]
        return wrapped(sums[-1] - sums[place])


class RecentOf:
    """The latest rows of every entity; entities without any are dropped.

    Args:
        longest_us: how far back rows are kept, microseconds.
        values: how many values of each row are summed.
    """

    def __init__(self, longest_us: int, *, values: int) -> None:
        self._longest_us = longest_us
        self._values = values
        self._entities: OrderedDict[int, Recent] = OrderedDict()  # the longest idle first

    def __len__(self) -> int:
        return len(self._entities)

    def get(self, entity: int) -> Recent | None:
        """Return the rows of an entity, ``None`` if there are none."""
        return self._entities.get(entity)

    def add(self, entity: int, time_us: int, *values: int) -> None:
        """Add a row of an entity; no row comes earlier from now on."""
        recent = self._entities.get(entity)
        if recent is None:
            recent = self._entities[entity] = Recent(self._values)
        else:
            self._entities.move_to_end(entity)
        recent.add(time_us, values, self._longest_us)

    def drop_older(self, now_us: int) -> None:
        """Drop the entities whose last row has left the longest window."""
        oldest = now_us - self._longest_us
        entities = self._entities
        while entities and entities[next(iter(entities))].time_us[-1] < oldest:
            entities.popitem(last=False)


def wrapped(number: int) -> int:
    """Return a number as 64 bits hold it, as the sums over a whole history are held.

    >>> wrapped(2**63)
    -9223372036854775808
    """
    if -(2**63) <= number < 2**63:
        return number
    return (number + 2**63) % 2**64 - 2**63
