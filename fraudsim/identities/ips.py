"""Internet addresses that are routed nowhere, and the countries that they stand for here.

IPv4 addresses of homes are from 100.64.0.0/10 (RFC 6598, shared address space) and, for other
countries than the home country, from 198.18.0.0/15 (RFC 2544, benchmarking); IPv6 networks from
2001:db8::/32 (RFC 3849, documentation). No two households have the same, up to four million with
IPv4. Which country an address stands for is this module's own convention: ``network_of``.
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.identities.numbering import scattered

if TYPE_CHECKING:
    import numpy.typing as npt

HOMES = ip_network("100.64.0.0/10")
IPV6_SHARE = 0.4
"""Share of homes seen with an IPv6 address (Google's IPv6 statistics: 40 to 50 % of users)."""

_HALF = 1 << 11  # 100.64.0.0/10 has 2**22 addresses
_GROUPS = 1 << 16  # of an IPv6 address


def network_of(country: str, home_country: str, *, version: int = 4) -> IPv4Network | IPv6Network:
    """Return the addresses that stand for a country.

    The home country has 100.64.0.0/10 and 2001:db8::/33. Every other country has a /24 of
    198.18.0.0/15 and a /48 of 2001:db8:8000::/33, at the place of its two letters among all pairs
    of letters (676, wrapped at 512 for IPv4).

    >>> str(network_of("GB", "GB")), str(network_of("FR", "GB"))
    ('100.64.0.0/10', '198.18.147.0/24')
    """
    place = (ord(country[0]) - 65) * 26 + ord(country[1]) - 65
    if version == 6:
        if country == home_country:
            return IPv6Network("2001:db8::/33")
        return IPv6Network(f"2001:db8:{0x8000 + place:x}::/48")
    if country == home_country:
        return IPv4Network(HOMES)
    return IPv4Network((0xC6120000 + (place % 512) * 256, 24))


def home_ips(
    households: npt.NDArray[np.int64], uses_ipv6: npt.NDArray[np.bool_], key: int
) -> pl.Series:
    """Return the address of each household's home, IPv6 where it is used, else IPv4.

    Args:
        households: household of each row, shape (n,); equal ones have equal addresses.
        uses_ipv6: whether it is on IPv6, the same for all rows of a household.
        key: key of the stream of addresses.
    """
    four = scattered(np.uint64(key), households, _HALF, _HALF)
    six = scattered(np.uint64(key), households, _GROUPS // 2, _GROUPS)
    ipv4 = pl.concat_str(pl.lit(_fronts().gather(four >> 8)), pl.lit(_octets().gather(four & 255)))
    ipv6 = pl.concat_str(
        pl.lit("2001:db8:"), pl.lit(_groups().gather(six >> 16)),
        pl.lit(_groups().gather(six & 0xFFFF)), pl.lit(":1"),
    )  # fmt: skip
    return pl.select(
        home_ip=pl.when(pl.lit(pl.Series(uses_ipv6))).then(ipv6).otherwise(ipv4)
    ).to_series()


@cache
def _fronts() -> pl.Series:
    return pl.Series([f"100.{64 + middle // 256}.{middle % 256}." for middle in range(1 << 14)])


@cache
def _octets() -> pl.Series:
    return pl.Series([str(octet) for octet in range(256)])


@cache
def _groups() -> pl.Series:
    return pl.Series([f"{group:x}:" for group in range(_GROUPS)])
