"""Sealing of fields, blind indexes and keyed digests. Keys live in one JSON file outside the database."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
NONCE_BYTES = 12
INDEX_BYTES = 16
HEAD_BYTES = 3  # version and key number
TEXT_AT = HEAD_BYTES + NONCE_BYTES
MOST_KEYS = 65535
Stamp = tuple[int, int, int]


class KeysMissing(Exception):
    """There is no key ring to work with; nothing that touches data may start."""


class SealBroken(Exception):
    """A sealed value does not belong where it was found, or its key is gone."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """What one file holds; replaced as a whole, so that no thread ever sees half of it."""

    fields: Mapping[int, AESGCM] = field(default_factory=dict)
    prints: Mapping[int, str] = field(default_factory=dict)
    current: int = 0
    index: bytes = b""
    audit: bytes = b""
    cookie: bytes = b""


class KeyRing:
    """AES-GCM keys by number, one index key, one audit key and one for cookies.

    A blob is: version (1 byte), key number (2), nonce (12), cipher text with tag. It is bound to
    the place it was sealed for, so a blob copied to another row or column does not open.
    A running process reads the file again when it has changed: before it seals, and where it meets
    a key that it does not know.
    """

    def __init__(self) -> None:
        self._keys = _Keys()
        self._path: Path | None = None
        self._stamp: Stamp | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether there are keys at all."""
        return bool(self._keys.fields)

    @property
    def cookie_key(self) -> bytes:
        """What signs cookies; empty without a ring."""
        return self._keys.cookie

    @property
    def current(self) -> int:
        """The number of the key that seals."""
        return self._renewed().current

    @property
    def fingerprints(self) -> Mapping[int, str]:
        """Every field key by number, told by 16 hexadecimal digits that betray nothing of it."""
        return self._renewed().prints

    def load(self, path: Path) -> None:
        """Read the ring from its file; raises `KeysMissing` when it is absent or damaged."""
        stamp = _stamp_of(path)  # before reading: a file replaced in between is then read once more
        self._keys = _parsed(path)
        self._path, self._stamp = path, stamp

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Encrypt for one place under the current key, with a fresh nonce."""
        keys = self._renewed()
        if not keys.fields:
            raise KeysMissing("no key ring is loaded")
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = head_of(keys.current)
        return head + nonce + keys.fields[keys.current].encrypt(nonce, plain, head + place)

    def open(self, blob: bytes, place: bytes) -> bytes:
        """Decrypt what `seal` made for the same place; raises `SealBroken` otherwise."""
        head, nonce, text = blob[:HEAD_BYTES], blob[HEAD_BYTES:TEXT_AT], blob[TEXT_AT:]
        number = int.from_bytes(head[1:], "big")
        key = self._keys.fields.get(number) or self._renewed().fields.get(number)
        if key is None or head[:1] != bytes([VERSION]):
            raise SealBroken("sealed under a key that is not in the ring")
        try:
            return key.decrypt(nonce, text, head + place)
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce and a tag
            raise SealBroken("a sealed value does not belong to its place") from error

    def index(self, kind: str, normal_form: str) -> bytes:
        """A 16-byte keyed digest for exact look-up. Never for low-entropy values alone."""
        return self._keyed(self._keys.index, f"{kind}:{normal_form}".encode())[:INDEX_BYTES]

    def audit_digest(self, text: bytes) -> bytes:
        """The keyed digest an audit row carries."""
        return self._keyed(self._keys.audit, text)

    def derived(self, purpose: str) -> bytes:
        """A key of its own for files of one purpose, from the index and the audit key, which never change."""
        keys = self._keys
        if not keys.index or not keys.audit:
            raise KeysMissing("no key ring is loaded")
        return HKDF(SHA256(), 32, salt=None, info=f"intake {purpose}".encode()).derive(keys.index + keys.audit)

    def _renewed(self) -> _Keys:
        """The keys, read again where the file has changed.

        What is loaded stays where the file cannot be read, or has become the ring of another clinic.
        """
        if self._path is not None and (stamp := _stamp_of(self._path)) not in (None, self._stamp):
            with suppress(KeysMissing):
                found = _parsed(self._path)
                if (found.index, found.audit) == (self._keys.index, self._keys.audit):
                    self._keys = found
                self._stamp = stamp
        return self._keys

    @staticmethod
    def _keyed(key: bytes, text: bytes) -> bytes:
        if not key:
            raise KeysMissing("no key ring is loaded")
        return hmac.new(key, text, hashlib.sha256).digest()


def head_of(number: int) -> bytes:
    """How every blob begins that key `number` sealed."""
    return bytes([VERSION]) + number.to_bytes(2, "big")


def fingerprint(key: bytes) -> str:
    """A name for a key of 32 random bytes, in 16 hexadecimal digits."""
    return hashlib.sha256(b"intake fingerprint" + key).hexdigest()[:16]


def write_new_keys(path: Path) -> None:
    """Make a key ring file, mode 0600; raises `FileExistsError` rather than replace one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = {name: _new_key() for name in ("index", "audit", "cookie")}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"current": 1, "fields": {"1": _new_key()}, **fresh}, file, indent=1)


@contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Hold the ring's folder while its file is read and replaced: two at once would lose a key. Waits for its turn.

    Yields the file itself, behind any link.
    """
    place = path.resolve()
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield place
    finally:
        os.close(folder)  # lets go of the lock


def add_field_key(path: Path) -> int:
    """Put a new field key into the ring and make it the current one; returns its number. Call it inside `locked`.

    Numbers are never used again. Raises `KeysMissing` for a file that is no ring.
    """
    _parsed(path)
    raw = json.loads(path.read_text())
    number = max(map(int, raw["fields"])) + 1
    if number > MOST_KEYS:
        raise KeysMissing("the ring has had as many field keys as there are numbers")
    raw["fields"][str(number)] = _new_key()
    _replace(path, raw | {"current": number})
    return number


def remove_field_key(path: Path, number: int) -> Path:
    """Take an old field key out of the ring; call it inside `locked`.

    Older backups still need it: the ring as it was stays beside as `….with-key-<number>`, whose path is returned.
    Raises `KeysMissing` for the current key, and for one that is not there.
    """
    keys = _parsed(path)
    if number == keys.current or number not in keys.fields:
        raise KeysMissing("only an older key that is in the ring can be taken out")
    before = path.with_name(f"{path.name}.with-key-{number}")
    text = path.read_text()
    if not before.exists():
        _write_beside(path, before, text)
    raw = json.loads(text)
    del raw["fields"][str(number)]
    _replace(path, raw)
    return before


def _parsed(path: Path) -> _Keys:
    try:
        raw = json.loads(path.read_text())
        plain = {int(number): base64.b64decode(key) for number, key in raw["fields"].items()}
        fields = {number: AESGCM(key) for number, key in plain.items()}
        index, audit, cookie = (base64.b64decode(raw[name]) for name in ("index", "audit", "cookie"))
        prints = {number: fingerprint(key) for number, key in plain.items()}
        fields[int(raw["current"])]
        return _Keys(fields, prints, int(raw["current"]), index, audit, cookie)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeysMissing(f"no usable key ring: {type(error).__name__}") from error


def _stamp_of(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _replace(path: Path, raw: dict[str, Any]) -> None:
    """Put another content in the file's place: readers find the old one or the new one, whole, after a crash too."""
    _write_beside(path, path, json.dumps(raw, indent=1))


def _write_beside(path: Path, target: Path, text: str) -> None:
    """Write a file with mode and owner of `path`, on the disk before it gets its name."""
    like = path.stat()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(handle, like.st_uid, like.st_gid)  # a ring that the web's account cannot read is a lost one
            os.fchmod(handle, like.st_mode & 0o777)
            file.write(text)
            file.flush()
            os.fsync(handle)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def digest(secret: str) -> bytes:
    """SHA-256 of a random token: what a table keeps instead of the token itself."""
    return hashlib.sha256(secret.encode()).digest()
