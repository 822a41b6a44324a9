"""Hand-made subjects for the checks of honest life and fraud life."""

import polars as pl
import pytest

from fraudsim.quality.bands import load_bands
from fraudsim.quality.discovery import discover
from fraudsim.quality.subject import Subject


def _subject(**columns):
    """A subject of these columns: honest where nothing else is said, local time is UTC."""
    frame = pl.DataFrame(columns)
    if "is_fraud" not in frame.columns:
        frame = frame.with_columns(is_fraud=pl.lit(value=False))
    frame = frame.with_columns(pl.col("event_time").cast(pl.Datetime("us", "UTC")))
    frame = frame.with_columns(local_time=pl.col("event_time").dt.replace_time_zone(None))
    frame = frame.sort("event_time", maintain_order=True)
    return Subject(
        name="by hand",
        profile="mixed",
        payments=frame,
        raw=frame.drop("is_fraud"),
        position=pl.DataFrame({"row": range(frame.height)}),
        has_dates=True,
    )


@pytest.fixture
def subject_of():
    return _subject


@pytest.fixture
def values_of():
    """What a check of that group and name measures: name -> value."""
    checks = {(check.group, check.name): check for check in discover()}

    def values(subject, group, name):
        return {m.name: m.value for m in checks[group, name].measure(subject)}

    return values


@pytest.fixture
def verdict_of():
    """How our bands judge a value for the profile mixed."""
    bands = load_bands()

    def verdict(name, value):
        band = bands.find(name, "mixed")
        assert band is not None, f"no band for {name}"
        return band.verdict(value)

    return verdict
