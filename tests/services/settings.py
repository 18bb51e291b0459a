"""Settings for a test, and the same settings as the environment of another process."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from app.policy import Policy
from app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def make_settings(data_dir: Path, *, database_url: str, redis_url: str, port: int, **changes: Any) -> Settings:
    """Settings of a site on a loopback port, with fields changed at will."""
    settings = Settings(
        host="127.0.0.1",
        port=port,
        site_url=f"http://127.0.0.1:{port}",
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        signing_key=secrets.token_urlsafe(48).encode(),
        policy=Policy.read(),
        development=True,
    )
    return dataclasses.replace(settings, **changes)


def environment_of(settings: Settings) -> dict[str, str]:
    """Express settings as the environment of a process; its policy goes into a file of the data folder."""
    policy_file = settings.data_dir / "policy.toml"
    policy_file.write_text(_toml(dataclasses.asdict(settings.policy)), "utf-8")
    fields = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    named = {
        name.upper(): str(value)
        for name, value in fields.items()
        if name not in {"signing_key", "previous_key", "keeps_key", "policy", "prices", "stripe_prices"}
    }
    for plan, both in settings.stripe_prices.items():
        for end, ids in zip(("MONTH", "YEAR"), both, strict=True):
            named[f"STRIPE_PRICE_{plan.upper()}_{end}"] = ",".join(ids)
    named["FFMPEG"] = settings.ffmpeg or "off"
    named["SECRET_KEY_PREVIOUS"] = settings.previous_key.decode()
    own = {"SECRET_KEY": settings.signing_key.decode(), "POLICY_FILE": str(policy_file), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **named, **own}


def _toml(tables: dict[str, Any]) -> str:
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {_inline(value)}\n" for key, value in table.items() if value is not None)
        for name, table in tables.items()
    )


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items() if each is not None) + " }"
    return json.dumps(value)  # TOML writes numbers, texts and booleans as JSON does
