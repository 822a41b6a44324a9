"""Mail addresses under the domains that RFC 2606 reserves for examples: no mail arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.identities.numbering import padded, scattered_digits

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fraudsim.identities.names import Names

DOMAINS = ("example.com", "example.net", "example.org")


def emails(names: Names, numbers: npt.NDArray[np.int64], customers: int, key: int) -> pl.Series:
    """Return one address per person, none twice: ``zoe.okafor.4711@example.org``.

    Args:
        names: the names of the persons, shape (n,).
        numbers: their numbers, below ``customers``; different numbers give different addresses.
        customers: size of the population: the number at the end has as many digits, four at least.
        key: key of the stream of addresses.
    """
    digits = max(len(str(max(customers - 1, 0))), 4)
    drawn = scattered_digits(key, numbers, digits)
    endings = pl.Series([f"@{domain}" for domain in DOMAINS])
    parts = (names.given_mail, names.family_mail, padded(drawn, digits))
    return pl.select(
        email=pl.concat_str(
            pl.concat_str(*(pl.lit(part) for part in parts), separator="."),
            pl.lit(endings.gather(drawn % len(DOMAINS))),
        )
    ).to_series()
