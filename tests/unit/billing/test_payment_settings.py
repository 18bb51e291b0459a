"""Settings of payment that contradict themselves are refused at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

KEY = {"STRIPE_API_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1", "MADMOM_MODELS": "off"}


def read(folder: Path, **changes: str) -> Settings:
    """Read an environment with payment."""
    return Settings.from_environment({"DATA_DIR": str(folder), **KEY, **changes})


def test_prices_are_read_by_plan_and_interval(tmp_path: Path) -> None:
    """The first price of a list is sold; where there is none, nothing is."""
    found = read(tmp_path, STRIPE_PRICE_PRO_MONTH="price_2, price_1", STRIPE_TAX="1")
    assert found.stripe_prices == {"pro": (("price_2", "price_1"), ()), "studio": ((), ())}
    assert found.stripe_tax


def test_a_key_needs_the_secret_of_messages(tmp_path: Path) -> None:
    """Nothing is sold where nobody could believe what Stripe writes."""
    with pytest.raises(SettingsError, match="STRIPE_WEBHOOK_SECRET"):
        read(tmp_path, STRIPE_WEBHOOK_SECRET="")


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "https://api.stripe.com",
        "https://127.0.0.1:1",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://example.com#127.0.0.1",
        "http://127.0.0.1:1/v1",
        "ftp://localhost",
        "localhost:1",
    ],
)
def test_a_test_server_is_on_this_machine(tmp_path: Path, address: str) -> None:
    """No key and no customer goes to another host in place of Stripe."""
    with pytest.raises(SettingsError, match="STRIPE_API_BASE"):
        read(tmp_path, STRIPE_API_BASE=address)


def test_a_test_server_gets_no_real_key(tmp_path: Path) -> None:
    """A live key beside a test server is a mistake that is told at the start."""
    assert read(tmp_path, STRIPE_API_BASE="http://127.0.0.1:12111/").stripe_api_base == "http://127.0.0.1:12111"
    with pytest.raises(SettingsError, match="sk_test_"):
        read(tmp_path, STRIPE_API_BASE="http://localhost:12111", STRIPE_API_KEY="sk_live_1")
