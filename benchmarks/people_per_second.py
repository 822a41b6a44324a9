"""How many people get an identity in a second, beside writing them, and Faker if it is there."""

from __future__ import annotations

import argparse
import io
import time

import numpy as np
import polars as pl

from fraudsim.identities.people import People, identity_columns
from fraudsim.streams import Streams


def per_second(count: int, begin: float) -> float:
    return count / (time.perf_counter() - begin)


def faker_people_per_second(count: int) -> float | None:
    try:
        from faker import Faker
    except ModuleNotFoundError:
        return None
    fake = Faker("en_GB", use_weighting=False)
    fake.seed_instance(7)
    begin = time.perf_counter()
    for _ in range(count):
        fake.first_name(), fake.last_name(), fake.email(), fake.phone_number()
        fake.street_name(), fake.building_number(), fake.postcode(), fake.ipv4()
    return per_second(count, begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--country", default="GB")
    arguments = parser.parse_args()
    count = arguments.people
    numbers = np.arange(count)
    people = People(numbers, numbers // 2, numbers // 2 % 40, arguments.country, count)
    identity_columns(people, Streams(7))  # compiles the kernels, reads the pools
    begin = time.perf_counter()
    frame = pl.DataFrame(identity_columns(people, Streams(7)))
    made = per_second(count, begin)
    begin = time.perf_counter()
    frame.write_parquet(io.BytesIO(), compression="zstd", compression_level=1)
    written = per_second(count, begin)
    print(f"people made       {made:>12,.0f} per second")
    print(f"only written      {written:>12,.0f} per second")
    print(f"ratio             {written / made:>12.1f}")
    if (faker := faker_people_per_second(2_000)) is not None:
        print(f"Faker             {faker:>12,.0f} per second, {made / faker:,.0f} times as slow")


if __name__ == "__main__":
    main()
