"""Each stage alone, in one process, in CPU seconds."""

import itertools
import time

import numpy as np
import pytest

from fraudsim.features import build_features
from fraudsim.identities.people import People, identity_columns
from fraudsim.sinks.local_place import LocalPlace
from fraudsim.sinks.parquet import write_part
from fraudsim.streams import Streams

pytestmark = pytest.mark.benchmark(group="stages", timer=time.process_time)
DAYS = 20


def of_rows(benchmark, rows):
    """Say how many rows one round has."""
    benchmark.extra_info["rows"] = round(rows)


def test_plan(benchmark, block):
    before = block.rows

    def settle_the_day_before():
        if block.planned:
            block.settle()

    block.planned = False

    def plan():
        block.plan()
        block.planned = True

    benchmark.pedantic(plan, setup=settle_the_day_before, rounds=DAYS)
    block.settle()
    of_rows(benchmark, (block.rows - before) / DAYS)


def test_settle(benchmark, block):
    before = block.rows
    benchmark.pedantic(block.settle, setup=block.plan, rounds=DAYS)
    of_rows(benchmark, (block.rows - before) / DAYS)


def test_record(benchmark, month_of_rows):
    frames = benchmark.pedantic(month_of_rows.frames, rounds=5, warmup_rounds=1)
    of_rows(benchmark, sum(frame.height for frame in frames.values()))


def test_write(benchmark, month_of_rows, tmp_path):
    frames = month_of_rows.frames()
    month = str(frames["transactions"]["event_time"][0])[:7]
    numbers = itertools.count()
    place = LocalPlace(tmp_path / "world")
    place.folder.mkdir()

    def write():
        part = next(numbers)
        for name, frame in frames.items():
            write_part(place, name, frame, month=month, part=part)

    benchmark.pedantic(write, rounds=5, warmup_rounds=1)
    of_rows(benchmark, sum(frame.height for frame in frames.values()))


def test_features(benchmark, dataset):
    frame = benchmark.pedantic(build_features, args=(dataset,), rounds=3, warmup_rounds=1)
    of_rows(benchmark, frame.height)


def test_identities(benchmark):
    numbers = np.arange(100_000)
    people = People(numbers, numbers // 2, numbers // 2 % 40, "GB", len(numbers))
    benchmark.pedantic(identity_columns, args=(people, Streams(7)), rounds=3, warmup_rounds=1)
    of_rows(benchmark, len(numbers))
