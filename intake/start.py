"""What must be there before a server, a worker or a command that touches data may start."""

from __future__ import annotations

from collections.abc import Iterator

from config import Config
from intake.keyring import KeyRing, KeysMissing


def faults(config: Config, *, sends_mail: bool) -> Iterator[str]:
    """One sentence for each thing that is missing, naming the variable to set."""
    try:
        KeyRing().load(config.keys)
    except KeysMissing:
        yield "INTAKE_KEY_FILE: no usable key ring there; make one with `flask keys new`"
    if config.mode == "production" and not config.is_secure:
        yield "BASE_URL: must begin with https:// in production"
    if sends_mail and not config.mail:
        yield "MAIL_URL: not set, so no message could go out"
