"""Settings. This module alone reads the environment; `.env.example` lists every variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent
MODES = ("production", "development", "testing")


class ConfigError(Exception):
    """A setting is missing or cannot be used; the message names the variable."""


@dataclass(frozen=True)
class Config:
    """Everything that differs between two installs.

    `mail_url` is `smtp://[user:password@]host[:port]`, `smtps://…`, or `file:FOLDER`, which drops
    each message as a file there. `trusted_hosts` empty means: the host of `base_url` alone.
    """

    mode: str = "production"
    instance: Path = ROOT / "instance"
    database_url: str = ""
    key_file: Path | None = None
    base_url: str = "http://localhost:8000"
    mail_url: str = ""
    mail_sender: str = ""
    trusted_hosts: tuple[str, ...] = ()
    proxies: int = 0
    downtime_folder: Path | None = None
    downtime_hours: int = 48

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Config:
        """Read INTAKE_* and friends; raises `ConfigError` naming the variable at fault."""
        mode = environment.get("INTAKE_MODE", "production")
        if mode not in MODES:
            raise ConfigError(f"INTAKE_MODE is {mode!r}; it must be one of {', '.join(MODES)}")
        instance = Path(environment.get("INTAKE_INSTANCE") or ROOT / "instance")
        key_file = environment.get("INTAKE_KEY_FILE")
        return cls(
            mode=mode,
            instance=instance,
            database_url=environment.get("DATABASE_URL", ""),
            key_file=Path(key_file) if key_file else None,
            base_url=environment.get("BASE_URL", "http://localhost:8000").rstrip("/"),
            mail_url=environment.get("MAIL_URL", ""),
            mail_sender=environment.get("MAIL_SENDER", ""),
            trusted_hosts=tuple(filter(None, environment.get("TRUSTED_HOSTS", "").split(","))),
            proxies=_whole_number(environment, "PROXY_COUNT"),
            downtime_folder=Path(packs) if (packs := environment.get("DOWNTIME_FOLDER")) else None,
            downtime_hours=_whole_number(environment, "DOWNTIME_HOURS", "48"),
        )

    @property
    def is_secure(self) -> bool:
        """Whether the site is reached over TLS: cookies are Secure and HSTS is sent only then."""
        return self.base_url.startswith("https://")

    @property
    def database(self) -> str:
        """The database URL; without one a SQLite file in the instance folder."""
        url = self.database_url or f"sqlite:///{self.instance.resolve() / 'intake.db'}"
        return url.replace("postgres://", "postgresql://", 1)

    @property
    def keys(self) -> Path:
        """Where the key ring lies; development and tests keep one in the instance folder."""
        return self.key_file or self.instance / "keys.json"

    @property
    def downtime(self) -> Path:
        """Where the worker puts downtime packs."""
        return self.downtime_folder or self.instance / "downtime"

    @property
    def mail(self) -> str:
        """Where mail goes; development and tests drop it in the instance folder."""
        if self.mail_url or self.mode == "production":
            return self.mail_url
        return f"file:{self.instance.resolve() / 'mail'}"


def _whole_number(environment: Mapping[str, str], name: str, default: str = "0") -> int:
    text = environment.get(name) or default
    if not text.isdigit():
        raise ConfigError(f"{name} is {text!r}; it must be a whole number")
    return int(text)
