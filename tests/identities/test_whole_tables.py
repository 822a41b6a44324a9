"""Every row of a simulated world: safe, referentially intact, and silent about fraud."""

import math
from ipaddress import ip_address, ip_network

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from fraudsim.identities.pans import PREFIXES, full_pans, masked

RESERVED = [ip_network(n) for n in ("100.64.0.0/10", "198.18.0.0/15", "2001:db8::/32")]


def is_iban(text: str) -> bool:
    turned = text[4:] + text[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def test_there_is_one_identity_per_customer_where_the_customer_lives(busy_world):
    both = busy_world.customers.join(busy_world.identities, on="customer_id").collect()
    assert both.height == busy_world.row_counts["customers"] == busy_world.row_counts["identities"]
    assert (both["home_city"] == both["city"]).all()
    assert (both["home_country"] == both["country"]).all()
    assert both["email"].n_unique() == both.height


def test_no_address_is_routed(busy_world):
    for text in busy_world.identities.collect()["home_ip"]:
        assert any(ip_address(text) in network for network in RESERVED)


def test_every_card_has_a_masked_number_on_a_test_prefix(busy_world):
    cards = busy_world.cards.collect()
    assert cards["bin"].is_in(list(PREFIXES.values())).all()
    assert cards["pan"].str.contains(r"^\d{6}\*{6}\d{4}$").all()
    full = full_pans(cards["card_id"], cards["bin"])
    assert (masked(full) == cards["pan"]).all()
    assert full.n_unique() == cards.height


def test_every_iban_is_valid_and_accounts_have_their_own(busy_world):
    accounts, payees = busy_world.accounts.collect(), busy_world.payees.collect()
    assert accounts["iban"].n_unique() == accounts.height
    assert all(map(is_iban, [*accounts["iban"], *payees["iban"].drop_nulls()]))
    assert accounts["iban"].str.slice(4, 4).unique().to_list() == ["XXXX"]


def test_payees_who_bank_here_have_the_name_and_iban_of_the_account(busy_world):
    holders = busy_world.accounts.join(busy_world.identities, on="customer_id").select(
        "account_id", there="iban", who=pl.col("given_name") + " " + pl.col("family_name")
    )
    inside = busy_world.payees.join(holders, on="account_id").collect()
    assert inside.height > 20
    assert (inside["iban"] == inside["there"]).all()
    assert (inside["name"] == inside["who"]).all()


# What is new tells nothing of fraud


@pytest.fixture(scope="module")
def victims(busy_world) -> pl.DataFrame:
    """Identities, and whether fraud touched the customer."""
    hit = busy_world.labelled().filter("is_fraud").select("customer_id").unique()
    return (
        busy_world.identities.join(hit.with_columns(is_fraud=True), on="customer_id", how="left")
        .with_columns(pl.col("is_fraud").fill_null(value=False))
        .sort("customer_id")
        .collect()
    )


def deviations(frame: pl.DataFrame, features: dict[str, pl.Expr]) -> dict[str, float]:
    """Standard errors that the AUC of each feature lies from one half (Mann-Whitney)."""
    fraud = frame["is_fraud"].to_numpy()
    a, b = fraud.sum(), (~fraud).sum()
    assert a >= 20
    error = math.sqrt((a + b + 1) / (12 * a * b))
    return {
        name: abs(roc_auc_score(fraud, frame.select(value.cast(pl.Float64)).to_series()) - 0.5)
        / error
        for name, value in features.items()
    }


def shapes(names: list[str]) -> dict[str, pl.Expr]:
    """Length, digits and alphabetical place of texts."""
    made = {}
    for name in names:
        text = pl.col(name).cast(pl.String)
        made[f"{name} length"] = text.str.len_chars()
        made[f"{name} digits"] = text.str.count_matches(r"\d")
        made[f"{name} place"] = text.rank("dense")
        made[f"{name} from behind"] = text.str.reverse().rank("dense")
    return made


def test_identities_of_victims_are_like_those_of_others(victims):
    names = [name for name in victims.columns if name not in ("customer_id", "is_fraud", "city")]
    names.remove("country")
    found = deviations(victims, shapes(names))
    assert {name: z for name, z in found.items() if z > 4} == {}


def test_a_planted_leak_is_found(victims):
    told = victims.with_columns(
        postcode=pl.when("is_fraud").then(pl.lit("ZZ0 0AA")).otherwise("postcode")
    )
    assert max(deviations(told, shapes(["postcode"])).values()) > 4


def test_payees_of_fraudsters_are_like_others_of_their_kind(busy_world):
    """Compared with persons at other banks in the home country."""
    paid = (
        busy_world.labelled()
        .drop_nulls("payee_id")
        .group_by("payee_id")
        .agg(pl.col("is_fraud").any())
    )
    payees = busy_world.payees.join(paid, on="payee_id").collect().sort("payee_id")
    alike = payees.filter(
        (pl.col("country") == "GB")
        & pl.col("account_id").is_null()
        & (pl.col("payee_type") == "person")
    )
    found = deviations(alike, shapes(["name", "iban"]))
    assert {name: z for name, z in found.items() if z > 4} == {}


def test_cards_of_victims_are_like_others(busy_world):
    hit = (
        busy_world.labelled()
        .drop_nulls("card_id")
        .group_by("card_id")
        .agg(pl.col("is_fraud").any())
    )
    cards = busy_world.cards.join(hit, on="card_id").collect().sort("card_id")
    for funding in PREFIXES:
        same = cards.filter(pl.col("funding") == funding)
        found = deviations(same, {"last four": pl.col("pan").str.tail(4).cast(pl.Int64)})
        assert max(found.values()) < 4
    assert np.unique(cards["pan"].str.len_chars()).tolist() == [16]
