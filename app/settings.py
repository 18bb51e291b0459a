"""Everything that is set from outside: the environment and policy.toml.

The only reader of ``os.environ``. Values are read when ``Settings.from_environment`` is
called, never at import, so that a test or a command may build its own.
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from app.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
SOLD = ("pro", "studio")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
KEY, PREVIOUS_KEY = "secret.key", "secret.previous.key"


class SettingsError(Exception):
    """A setting is missing or contradicts another; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings."""

    host: str
    """Address to listen on."""
    port: int
    """Port to listen on."""
    site_url: str
    """The public address, without a slash at the end; links and the cookie follow it."""
    data_dir: Path
    """Where running keeps its files: uploads, the SQLite database, the signing key."""
    database_url: str
    """``sqlite:///path`` or ``postgresql://...``."""
    redis_url: str
    """``redis://...`` or ``unix://...``; empty: ``tracksensei up`` starts one."""
    signing_key: bytes
    """Secret of sessions and form tokens, 32 bytes or more."""
    policy: Policy
    """The numbers of policy.toml."""
    madmom_models: str = ""
    """``licensed``, ``off`` or empty (non-commercial use)."""
    ffmpeg: str = ""
    """Path of the ffmpeg that encodes AAC for the codec preview; empty: AAC is not tried."""
    stripe_api_key: str = ""
    """Stripe's secret key; empty: payment is not set up."""
    stripe_webhook_secret: str = ""
    """What Stripe signs its messages with; needed with the key."""
    stripe_prices: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    """Stripe's prices of a plan, by month and by year; the first is sold, the others still count."""
    stripe_tax: bool = False
    """Whether Stripe Tax reckons the tax."""
    stripe_api_base: str = ""
    """A test server on this machine in place of Stripe; empty: Stripe."""
    anthropic_api_key: str = ""
    """Anthropic's key; empty: the report guide answers, and no AI."""
    anthropic_model: str = "claude-sonnet-5-5"
    """Which Claude answers; policy.toml has its price."""
    anthropic_api_base: str = ""
    """A test server on this machine in place of Anthropic; empty: Anthropic."""
    prices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What the page says that a plan costs, by month and by year."""
    trusted_proxies: str = ""
    """Addresses of proxies whose word on the visitor's address counts, with commas between; empty: nobody's."""
    smtp_url: str = ""
    """``smtps://user:password@host:465`` or ``smtp://...:587``; empty: mails are files in the data folder."""
    contact_address: str = "hello@tracksensei.com"
    """Where people write to, and where mails come from."""
    operator_name: str = ""
    """Who runs the site; empty: its pages say that this is not filled in."""
    operator_number: str = ""
    """The operator's number in the Dutch trade register."""
    operator_address: str = ""
    """Where the operator can be served."""
    host_provider: str = ""
    """Whose machines the site runs on, as the privacy page names them."""
    mail_provider: str = ""
    """Who carries the mails, as the privacy page names them."""
    backup_recipient: str = ""
    """The age public key that backups are encrypted to; empty: no backup can be made."""
    development: bool = False
    """Shows links of mails on pages, and the mails at /dev/mail; refused with an https address."""
    previous_key: bytes = b""
    """The signing key before the last rotation; what it signed still holds."""
    keeps_key: bool = False
    """Whether the signing key is a file of the data folder, not of the environment."""
    log_format: str = "json"
    """``json`` for machines, ``text`` for a person."""

    @property
    def signing_keys(self) -> tuple[bytes, ...]:
        """The ring: what each of them signed holds, and the first signs."""
        return (self.signing_key, self.previous_key) if self.previous_key else (self.signing_key,)

    @property
    def uses_https(self) -> bool:
        """Whether browsers reach the site by TLS."""
        return self.site_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """The one cookie; the prefix binds it to TLS and this host where there is TLS."""
        return "__Host-session" if self.uses_https else "session"

    @property
    def uploads_dir(self) -> Path:
        """Where uploads and their temporary files live."""
        return self.data_dir / "uploads"

    @property
    def workers_dir(self) -> Path:
        """Where each worker of this machine gives a sign of life."""
        return self.data_dir / "workers"

    @property
    def outbox_dir(self) -> Path:
        """Where mails lie as files while there is no mail server."""
        return self.data_dir / "outbox"

    @property
    def exports_dir(self) -> Path:
        """Where exports wait to be fetched."""
        return self.data_dir / "exports"

    @property
    def backups_dir(self) -> Path:
        """Where backups lie, encrypted."""
        return self.data_dir / "backups"

    @property
    def logs_dir(self) -> Path:
        """Where the access and the security log lie, a file a day."""
        return self.data_dir / "logs"

    @property
    def uses_models(self) -> bool:
        """Whether madmom's trained models may be used."""
        return self.madmom_models != "off"

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        parts = urlsplit(self.site_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise SettingsError(f"SITE_URL must be like https://example.com, not {self.site_url!r}.")
        if len(self.signing_key) < 32:
            raise SettingsError("SECRET_KEY must have 32 characters or more.")
        if self.development and self.uses_https:
            raise SettingsError("DEVELOPMENT shows the links of mails to everybody: unset it, or use an http SITE_URL.")
        if self.smtp_url and urlsplit(self.smtp_url).scheme not in {"smtp", "smtps"}:
            raise SettingsError("SMTP_URL must begin with smtp:// or smtps://.")
        if self.madmom_models not in {"", "licensed", "off"}:
            raise SettingsError("MADMOM_MODELS must be licensed, off or unset.")
        if self.stripe_api_key and not self.madmom_models:
            raise SettingsError(
                "madmom's trained models are for non-commercial use. With STRIPE_API_KEY set, set "
                "MADMOM_MODELS=licensed if you have a licence for them, or MADMOM_MODELS=off."
            )
        self._check_stripe()
        self._check_anthropic()
        if not self.database_url.startswith(("sqlite:///", "postgres://", "postgresql://")):
            raise SettingsError("DATABASE_URL must begin with sqlite:/// or postgresql://.")

    def _check_stripe(self) -> None:
        if self.stripe_api_key and not self.stripe_webhook_secret:
            raise SettingsError("STRIPE_WEBHOOK_SECRET is missing: without it Stripe's messages cannot be believed.")
        if not self.stripe_api_base:
            return
        parts = urlsplit(self.stripe_api_base)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.path or parts.query:
            raise SettingsError(
                "STRIPE_API_BASE names a test server on this machine only, like http://127.0.0.1:12111."
            )
        if not self.stripe_api_key.startswith("sk_test_"):
            raise SettingsError("STRIPE_API_BASE goes with a key that begins with sk_test_, so that no real key leaks.")

    def _check_anthropic(self) -> None:
        if self.anthropic_api_key and self.anthropic_model not in self.policy.chat.prices:
            known = ", ".join(sorted(self.policy.chat.prices))
            raise SettingsError(f"ANTHROPIC_MODEL must have a price under [chat.prices] of the policy: {known}.")
        base = urlsplit(self.anthropic_api_base)
        if self.anthropic_api_base and (base.scheme != "http" or base.hostname not in LOOPBACK):
            raise SettingsError("ANTHROPIC_API_BASE names a test server on this machine only.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Build the settings of this process; nothing is written but a first signing key.

        Raises
        ------
        SettingsError
            When one of them cannot be used.

        """
        try:
            return cls._of(os.environ if environment is None else environment)
        except OSError as error:
            raise SettingsError(f"DATA_DIR or POLICY_FILE cannot be used: {error}.") from error
        except (msgspec.ValidationError, ValueError) as error:
            raise SettingsError(f"POLICY_FILE does not hold what is expected: {error}.") from error

    @classmethod
    def _of(cls, env: Mapping[str, str]) -> Settings:
        data_dir = Path(env.get("DATA_DIR") or ROOT / "var").resolve()
        host = env.get("HOST") or "127.0.0.1"
        port = _port(env.get("PORT") or "8000")
        return cls(
            host=host,
            port=port,
            site_url=(env.get("SITE_URL") or f"http://{_reachable(host)}:{port}").rstrip("/"),
            data_dir=data_dir,
            database_url=env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'tracksensei.sqlite'}",
            redis_url=env.get("REDIS_URL", ""),
            signing_key=env.get("SECRET_KEY", "").encode() or _kept_key(data_dir),
            previous_key=_previous_key(env, data_dir),
            keeps_key=not env.get("SECRET_KEY"),
            policy=Policy.read(Path(env["POLICY_FILE"])) if env.get("POLICY_FILE") else Policy.read(),
            madmom_models=env.get("MADMOM_MODELS", ""),
            ffmpeg=find_ffmpeg(env),
            stripe_api_key=env.get("STRIPE_API_KEY", ""),
            stripe_webhook_secret=env.get("STRIPE_WEBHOOK_SECRET", ""),
            stripe_prices={
                plan: (
                    _listed(env.get(f"STRIPE_PRICE_{plan.upper()}_MONTH", "")),
                    _listed(env.get(f"STRIPE_PRICE_{plan.upper()}_YEAR", "")),
                )
                for plan in SOLD
            },
            stripe_tax=_flag("STRIPE_TAX", env.get("STRIPE_TAX", "")),
            stripe_api_base=env.get("STRIPE_API_BASE", "").rstrip("/"),
            prices={
                "pro": (env.get("PRICE_PRO_MONTH") or "€12", env.get("PRICE_PRO_YEAR") or "€120"),
                "studio": (env.get("PRICE_STUDIO_MONTH") or "€25", env.get("PRICE_STUDIO_YEAR") or "€250"),
            },
            anthropic_api_key=env.get("ANTHROPIC_API_KEY", ""),
            anthropic_model=env.get("ANTHROPIC_MODEL") or "claude-sonnet-5-5",
            anthropic_api_base=env.get("ANTHROPIC_API_BASE", "").rstrip("/"),
            trusted_proxies=env.get("TRUSTED_PROXIES", ""),
            smtp_url=env.get("SMTP_URL", ""),
            contact_address=env.get("CONTACT_ADDRESS") or "hello@tracksensei.com",
            operator_name=env.get("OPERATOR_NAME", ""),
            operator_number=env.get("OPERATOR_NUMBER", ""),
            operator_address=env.get("OPERATOR_ADDRESS", ""),
            host_provider=env.get("HOST_PROVIDER", ""),
            mail_provider=env.get("MAIL_PROVIDER", ""),
            backup_recipient=env.get("BACKUP_RECIPIENT", ""),
            development=_flag("DEVELOPMENT", env.get("DEVELOPMENT", "")),
            log_format=env.get("LOG_FORMAT") or "json",
        )


def find_ffmpeg(environment: Mapping[str, str] | None = None) -> str:
    """Return the path that FFMPEG names, or the one on PATH; nothing where it is off or there is none."""
    env = os.environ if environment is None else environment
    named = env.get("FFMPEG", "")
    if named == "off":
        return ""
    found = shutil.which(named or "ffmpeg", path=env.get("PATH", ""))
    if named and found is None:
        raise SettingsError(f"FFMPEG must be the path of an ffmpeg that can be run, or off, not {named!r}.")
    return str(Path(found).absolute()) if found else ""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in {"", "0", "1", "false", "true"}:
        raise SettingsError(f"{name} must be 1 or unset, not {text!r}.")
    return text.lower() in {"1", "true"}


def _reachable(host: str) -> str:
    """Name a person can open when the server listens on every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared, not bound


def _kept_key(data_dir: Path) -> bytes:
    """Read the signing key of this data folder, or make the first one."""
    path = data_dir / KEY
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48), "ascii")
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def _previous_key(env: Mapping[str, str], data_dir: Path) -> bytes:
    """Read the key before the last rotation, where there was one."""
    if env.get("SECRET_KEY"):
        return env.get("SECRET_KEY_PREVIOUS", "").encode()
    path = data_dir / PREVIOUS_KEY
    return path.read_bytes() if path.exists() else b""
