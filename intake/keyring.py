"""Sealing of fields, blind indexes and keyed digests. Keys live in one JSON file outside the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
NONCE_BYTES = 12
INDEX_BYTES = 16


class KeysMissing(Exception):
    """There is no key ring to work with; nothing that touches data may start."""


class SealBroken(Exception):
    """A sealed value does not belong where it was found, or its key is gone."""


class KeyRing:
    """AES-GCM keys by number, one index key, one audit key and one for cookies.

    A blob is: version (1 byte), key number (2), nonce (12), cipher text with tag. It is bound to
    the place it was sealed for, so a blob copied to another row or column does not open.
    """

    def __init__(self) -> None:
        self._fields: dict[int, AESGCM] = {}
        self._current = 0
        self._index = b""
        self._audit = b""
        self.cookie_key = b""

    @property
    def is_loaded(self) -> bool:
        """Whether there are keys at all."""
        return bool(self._fields)

    def load(self, path: Path) -> None:
        """Read the ring from its file; raises `KeysMissing` when it is absent or damaged."""
        try:
            raw = json.loads(path.read_text())
            self._fields = {int(number): AESGCM(base64.b64decode(key)) for number, key in raw["fields"].items()}
            self._current = int(raw["current"])
            self._index, self._audit, self.cookie_key = (base64.b64decode(raw[k]) for k in ("index", "audit", "cookie"))
            self._fields[self._current]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeysMissing(f"no usable key ring: {type(error).__name__}") from error

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Encrypt for one place, with a fresh nonce."""
        if not self._fields:
            raise KeysMissing("no key ring is loaded")
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = bytes([VERSION]) + self._current.to_bytes(2, "big")
        return head + nonce + self._fields[self._current].encrypt(nonce, plain, head + place)

    def open(self, blob: bytes, place: bytes) -> bytes:
        """Decrypt what `seal` made for the same place; raises `SealBroken` otherwise."""
        head, nonce, text = blob[:3], blob[3 : 3 + NONCE_BYTES], blob[3 + NONCE_BYTES :]
        key = self._fields.get(int.from_bytes(head[1:3], "big"))
        if key is None or head[:1] != bytes([VERSION]):
            raise SealBroken("sealed under a key that is not in the ring")
        try:
            return key.decrypt(nonce, text, head + place)
        except InvalidTag as error:
            raise SealBroken("a sealed value does not belong to its place") from error

    def index(self, kind: str, normal_form: str) -> bytes:
        """A 16-byte keyed digest for exact look-up. Never for low-entropy values alone."""
        return self._keyed(self._index, f"{kind}:{normal_form}".encode())[:INDEX_BYTES]

    def audit_digest(self, text: bytes) -> bytes:
        """The keyed digest an audit row carries."""
        return self._keyed(self._audit, text)

    @staticmethod
    def _keyed(key: bytes, text: bytes) -> bytes:
        if not key:
            raise KeysMissing("no key ring is loaded")
        return hmac.new(key, text, hashlib.sha256).digest()


def write_new_keys(path: Path) -> None:
    """Make a key ring file, mode 0600; raises `FileExistsError` rather than replace one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("index", "audit", "cookie")}
    fields = {"1": base64.b64encode(secrets.token_bytes(32)).decode()}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"current": 1, "fields": fields, **fresh}, file, indent=1)


def digest(secret: str) -> bytes:
    """SHA-256 of a random token: what a table keeps instead of the token itself."""
    return hashlib.sha256(secret.encode()).digest()
