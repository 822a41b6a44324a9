"""Card numbers, IBANs and internet addresses: valid, reserved and unique where that is promised."""

from ipaddress import ip_address, ip_network

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudsim.identities.ibans import ibans, templates
from fraudsim.identities.ips import HOMES, home_ips, network_of
from fraudsim.identities.numbering import scattered, scattered_digits
from fraudsim.identities.pans import PREFIXES, full_pans, luhn_digits, masked

IDS = st.lists(st.integers(0, 2**52 - 1), min_size=1, max_size=50, unique=True)


def passes_luhn(number: str) -> bool:
    """The check as cashiers' systems make it, over text."""
    doubled = [int(c) * (1 + k % 2) for k, c in enumerate(reversed(number))]
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def passes_mod_97(iban: str) -> bool:
    """ISO 13616: the first four characters behind the rest, letters as numbers."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def test_the_checks_know_right_from_wrong():
    assert passes_luhn("4242424242424242")
    assert not passes_luhn("4242424242424241")
    assert passes_mod_97("GB82WEST12345698765432")
    assert not passes_mod_97("GB82WEST12345698765431")


@given(IDS, st.sampled_from(sorted(PREFIXES.values())))
@settings(deadline=None)
def test_every_pan_passes_luhn_and_is_unique(ids, prefix):
    pans = full_pans(pl.Series(ids), pl.Series([prefix] * len(ids)))
    assert all(len(pan) == 16 and pan.startswith(prefix) and passes_luhn(pan) for pan in pans)
    assert pans.n_unique() == len(ids)
    assert all(
        hidden == f"{pan[:6]}******{pan[-4:]}"
        for pan, hidden in zip(pans, masked(pans), strict=True)
    )


def test_a_pan_depends_on_its_card_not_on_the_row():
    ids = pl.Series(np.random.default_rng(1).integers(0, 2**52, 1_000))
    pans = full_pans(ids, pl.repeat("400000", 1_000, eager=True))
    turned = full_pans(ids.reverse(), pl.repeat("400000", 1_000, eager=True))
    assert turned.reverse().to_list() == pans.to_list()


def test_cards_that_lead_to_one_number_get_two(monkeypatch):
    """With a hash that sends every second card to the same number, all still differ."""
    from fraudsim.identities import pans

    monkeypatch.setattr(pans, "_hashed", lambda ids, attempt: ids // 2 + attempt * 1_000)
    numbers = full_pans(pl.Series(range(100)), pl.repeat("400000", 100, eager=True))
    assert numbers.n_unique() == 100


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=20))
@settings(deadline=None)
def test_luhn_digits_complete_any_number(numbers):
    checks = luhn_digits(np.array(numbers))
    assert all(passes_luhn(f"{n}{c}") for n, c in zip(numbers, checks, strict=True))


@pytest.mark.parametrize("country", sorted(templates()))
@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
def test_ibans_of_every_country_are_valid_and_unique(country, own):
    made = ibans(country, np.arange(500), 7, own=own)
    assert all(iban.startswith(country) and passes_mod_97(iban) for iban in made)
    assert made.n_unique() == 500
    assert made.str.len_chars().n_unique() == 1


def test_lengths_are_those_of_the_registry():
    lengths = {"BE": 16, "DE": 22, "ES": 24, "FR": 27, "GB": 22, "IE": 22, "IT": 27, "NL": 18}
    lengths |= {"PL": 28, "PT": 25, "SE": 24, "NO": 15, "AT": 20}
    made = {code: len(ibans(code, np.arange(1), 7, own=True)[0]) for code in lengths}
    assert made == lengths


def test_a_country_without_ibans_has_none():
    assert ibans("US", np.arange(3), 7, own=True).to_list() == [None] * 3


@given(st.integers(0, 2**63), st.integers(1, 40), st.integers(1, 40))
@settings(deadline=None, max_examples=50)
def test_scattering_is_a_bijection(key, left, right):
    out = scattered(np.uint64(key), np.arange(left * right), left, right)
    assert sorted(out.tolist()) == list(range(left * right))


def test_scattering_depends_on_the_key():
    assert (scattered_digits(1, np.arange(100), 9) != scattered_digits(2, np.arange(100), 9)).all()


def test_home_addresses_are_reserved_and_one_per_household():
    households = np.arange(20_000)
    made = home_ips(households, households % 3 == 0, 5)
    four, six = made.filter(households % 3 != 0), made.filter(households % 3 == 0)
    assert all(ip_address(text) in HOMES for text in four)
    assert all(ip_address(text) in network_of("GB", "GB", version=6) for text in six)
    assert made.n_unique() == len(made)
    assert not any(ip_address(text).is_global for text in made)


def test_countries_have_networks_of_their_own():
    codes = [f"{a}{b}" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    six = {network_of(code, "GB", version=6) for code in codes}
    assert len(six) == len(codes)
    reserved = ip_network("2001:db8::/32")
    assert all(network.subnet_of(reserved) for network in six)
    benchmarking = ip_network("198.18.0.0/15")
    assert all(network_of(code, "GB").subnet_of(benchmarking) for code in codes if code != "GB")
