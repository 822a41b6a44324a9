"""Names, addresses, mail, telephones: safe in every country, equal in a household, by key."""

import re
from itertools import groupby

import numpy as np
import polars as pl
import pytest

from fraudsim.identities.people import People, identity_columns
from fraudsim.identities.pools import countries_with_pools, country_of
from fraudsim.streams import Streams

COUNTRIES = [*countries_with_pools(), "JP"]


def people(country, count=2_000, *, first=0, size=2):
    numbers = np.arange(first, first + count)
    return People(numbers, numbers // size, numbers // size % 40, country, 10_000)


def described(country, **how) -> pl.DataFrame:
    return pl.DataFrame(identity_columns(people(country, **how), Streams(7)))


@pytest.mark.parametrize("country", COUNTRIES)
def test_mail_goes_to_reserved_domains_and_is_unique(country):
    mail = described(country)["email"]
    right = r"^[a-z]+\.[a-z]+\.\d{4}@example\.(com|net|org)$"
    assert mail.str.contains(right).all()
    assert mail.n_unique() == len(mail)


# what regulators set aside, written down apart from countries.yaml
FICTION = {
    "GB": r"\+447700900\d{3}",
    "US": r"\+1\d{3}55501\d{2}",
    "IE": r"\+3532091\d{5}",
    "FR": r"\+3363998\d{4}",
    "SE": r"\+467017406[1-9]\d",
    "DE": r"\+49(3023125|6990009|4066969|2214710|8999998)\d{3}",
}


@pytest.mark.parametrize("country", COUNTRIES)
def test_telephones_ring_nowhere(country):
    pool = country_of(country).phones
    right = FICTION.get(country, r"\+999\d{7}")
    assert all(re.fullmatch(right, number) for number in pool)
    assert pool.n_unique() == len(pool)


NO_PLACE = {
    "GB": r"ZZ\d\d? \d[A-Z]{2}",
    "US": r"00[0-4]\d\d",
    "DE": r"00\d{3}",
    "ES": r"00\d{3}",
    "IT": r"99\d{3}",
    "NL": r"9\d{3} S[ADS]",
    "SE": r"99\d \d\d",
}


@pytest.mark.parametrize("country", NO_PLACE)
def test_postcodes_are_of_no_place(country):
    assert all(re.fullmatch(NO_PLACE[country], code) for code in country_of(country).postcodes)


@pytest.mark.parametrize("country", COUNTRIES)
def test_pools_hold_no_word_twice_and_none_that_is_empty(country):
    pools = country_of(country)
    for words in (pools.words.given, pools.words.family):
        for start, size in zip(words.start, words.size, strict=True):
            language = words.words[int(start) : int(start + size)].to_list()
            assert len(language) >= 50
            assert all(language)
            assert [w for w, same in groupby(sorted(language)) if len(list(same)) > 1] == []
    assert pools.streets.n_unique() == len(pools.streets) >= 40


def test_some_names_are_not_ascii():
    names = described("DE")["family_name"]
    assert any(not name.isascii() for name in names)


def test_a_household_shares_its_home():
    frame = described("GB").with_columns(household=pl.int_range(pl.len()) // 2)
    homes = frame.group_by("household").agg(
        pl.col("street", "house_number", "postcode", "home_ip").n_unique()
    )
    for name in ("street", "house_number", "postcode", "home_ip"):
        assert homes[name].max() == 1
    family = frame.group_by("household").agg(pl.col("family_name").n_unique())["family_name"]
    assert 0.55 < (family == 1).mean() < 0.75  # .8 squared and some chance


def test_a_person_does_not_depend_on_who_is_described_with_it():
    whole = described("GB")
    parts = pl.concat([described("GB", count=700), described("GB", count=1_300, first=700)])
    assert whole.equals(parts)


def test_another_seed_is_other_people():
    other = pl.DataFrame(identity_columns(people("GB"), Streams(8)))
    assert (other["email"] == described("GB")["email"]).sum() == 0
