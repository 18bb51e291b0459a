"""Limits count customers, not the addresses that one of them may choose from."""

from __future__ import annotations

import pytest

from app.kernel.ratelimit import customer_of


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("testclient", "testclient"),
        ("192.0.2.7, 198.51.100.1", "192.0.2.7, 198.51.100.1"),
    ],
)
def test_an_ipv6_address_is_folded_to_its_block(address: str, customer: str) -> None:
    """An IPv4 address stands for itself, an IPv6 address for its /64."""
    assert customer_of(address) == customer


def test_an_ipv4_address_in_ipv6_clothes_is_the_same_customer() -> None:
    """A mapped address is counted as what it is, and not together with every other mapped one."""
    assert customer_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert customer_of("::ffff:192.0.2.7") != customer_of("::ffff:198.51.100.9")
