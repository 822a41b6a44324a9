"""Bands that are derived from published means rather than measured: the sums, done again."""

from math import erf, hypot, log, sqrt

import pytest

from fraudsim.quality.bands import load_bands

MARGIN = 0.05

# share of cases, mean loss, log-sd: UK Finance, Annual Fraud Reports 2024 and 2025; the means of
# fees in advance and impersonation and the log-sds are assumptions
SCAMS = (
    (0.74, 549, 1.5),
    (0.08, 1_600, 1.3),
    (0.12, 7_300, 1.2),
    (0.04, 12_000, 1.2),
    (0.02, 8_800, 1.2),
)
# log-mean and log-sd: US Diary of Consumer Payment Choice
TO_PERSONS = (3.24, 1.57)
FROM_ACCOUNTS = (4.6, 1.4)


def area_under_the_curve(honest):
    """Return the chance that a scam is larger than an honest payment, all lognormal."""
    log_mean, log_sd = honest
    return sum(
        share * (1 + erf((log(mean) - sd**2 / 2 - log_mean) / hypot(sd, log_sd) / sqrt(2))) / 2
        for share, mean, sd in SCAMS
    )


def test_the_band_of_amount_only_for_transfers_lies_around_what_real_means_give():
    easy, hard = area_under_the_curve(TO_PERSONS), area_under_the_curve(FROM_ACCOUNTS)
    assert (round(easy, 2), round(hard, 2)) == (0.86, 0.70)
    band = load_bands().find("difficulty.amount_only_roc_auc_transfers", "payments")
    assert band.high == pytest.approx(easy + MARGIN, abs=0.02)
    assert band.low == pytest.approx(hard - MARGIN, abs=0.02)


def test_the_band_of_boosting_for_transfers_lies_around_new_payees_and_amounts():
    new_payees = 1 - 0.7997  # Berka: transfers to a counterparty of before
    by_newness = 1 - new_payees / 2
    with_amount = 1 - new_payees * (1 - area_under_the_curve(TO_PERSONS))
    assert (round(by_newness, 2), round(with_amount, 2)) == (0.90, 0.97)
    band = load_bands().find("difficulty.boosting_roc_auc_transfers", "payments")
    assert (band.low, band.high) == pytest.approx((by_newness - 0.05, with_amount + 0.01), abs=0.01)
