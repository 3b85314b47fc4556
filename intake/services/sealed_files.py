"""Files that are sealed whole: backups and downtime packs. Read and written in pieces, however large (docs/formats.md).

A file begins with what it is, the fingerprint of the key that opens it, and a random salt from which its own key comes.
Each piece is sealed with its number and whether it is the last one, so that a file that was cut, put together anew or
changed anywhere is refused.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from intake.extensions import ring
from intake.keyring import fingerprint

PIECE = 1024 * 1024
TAG = 16
MAGIC_BYTES = 8
PRINT_BYTES = 8
SALT_BYTES = 32
HEADER_BYTES = MAGIC_BYTES + PRINT_BYTES + SALT_BYTES


class FileRefused(Exception):
    """A file cannot be written or is not to be trusted; the message says why and holds nothing of what is in it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a sealed file is for: its first eight bytes, and the name that its key is derived under."""

    magic: bytes
    purpose: str

    def key(self) -> bytes:
        """The key of all files of this kind; raises `KeysMissing`."""
        return ring.derived(self.purpose)

    def print_of_key(self) -> str:
        """How the key is told from others, in 16 hexadecimal digits."""
        return fingerprint(self.key())


BACKUP = Kind(b"INTKBAK1", "backup")
DOWNTIME = Kind(b"INTKPCK1", "downtime pack")


class Writer:
    """Takes bytes and seals a piece whenever one is full."""

    def __init__(self, kind: Kind, file: BinaryIO) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        self._header = kind.magic + bytes.fromhex(kind.print_of_key()) + salt
        self._cipher = _cipher(kind, salt)
        self._file = file
        self._held = bytearray()
        self._number = 0
        file.write(self._header)

    def write(self, data: bytes) -> None:
        """Add to the content."""
        self._held += data
        while len(self._held) > PIECE:  # the last piece is kept back: `end` marks it
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]

    def end(self) -> None:
        """Seal what is left as the last piece."""
        self._put(bytes(self._held), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header))
        self._number += 1


@contextmanager
def written(path: Path, kind: Kind) -> Iterator[Writer]:
    """Write a sealed file of mode 0600, which gets its name only when all of it is on the disk.

    Never replaces a file: raises `FileRefused`.
    """
    if os.path.lexists(path):
        raise FileRefused(f"{path} is there already, and is not replaced")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileRefused(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            writer = Writer(kind, file)
            yield writer
            writer.end()
            file.flush()
            os.fsync(handle)
        name_once(draft, path)
    except OSError as error:
        raise FileRefused(f"{path} could not be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def name_once(draft: Path, path: Path) -> None:
    """Give a finished file its name, unless something has that name; raises `FileRefused` then."""
    try:
        os.link(draft, path)
    except FileExistsError as error:
        raise FileRefused(f"{path} is there already, and is not replaced") from error
    except OSError:  # a file system without second names
        if os.path.lexists(path):
            raise FileRefused(f"{path} is there already, and is not replaced") from None
        draft.rename(path)
    draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    with suppress(OSError):  # not every file system can
        os.fsync(folder)
    os.close(folder)


def pieces(path: Path, kind: Kind) -> Iterator[bytes]:
    """The content, piece by piece, each checked before it is given out.

    Raises `FileRefused` for what is no such file, needs another key, was cut or changed: possibly after pieces before
    the damage were given out. Read all of it once (`check`) before anything is done with it.
    """
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
            cipher = _cipher(kind, _salt(path, kind, header))
            number, block = 0, file.read(PIECE + TAG)
            while True:
                following = file.read(PIECE + TAG)
                yield cipher.decrypt(_nonce(number, last=not following), block, header)
                if not following:
                    return
                number, block = number + 1, following
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a tag
        raise FileRefused(f"{path} is damaged: it was cut or changed. Nothing of it was used") from error
    except OSError as error:
        raise FileRefused(f"{path} cannot be read: {error.strerror}") from error


def check(path: Path, kind: Kind) -> int:
    """Read a file to its end; returns how many bytes it holds. Raises `FileRefused` as `pieces` does."""
    return sum(map(len, pieces(path, kind)))


def _salt(path: Path, kind: Kind, header: bytes) -> bytes:
    if len(header) < HEADER_BYTES or header[:MAGIC_BYTES] != kind.magic:
        raise FileRefused(f"{path} is no {kind.purpose} of Intake")
    wanted = header[MAGIC_BYTES : MAGIC_BYTES + PRINT_BYTES].hex()
    if wanted != kind.print_of_key():
        raise FileRefused(
            f"{path} was sealed under another key ring: it needs the one with fingerprint {wanted}, "
            f"the one in use has {kind.print_of_key()}"
        )
    return header[MAGIC_BYTES + PRINT_BYTES :]


def _cipher(kind: Kind, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=kind.magic).derive(kind.key()))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
