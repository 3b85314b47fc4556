"""Sealing: what is moved, changed or from another ring does not open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.keyring import KeyRing, KeysMissing, SealBroken, write_new_keys

PLACE = b"patient.phone:1"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    write_new_keys(tmp_path / "keys.json")
    made = KeyRing()
    made.load(tmp_path / "keys.json")
    return made


def test_what_is_sealed_opens_in_its_place(ring: KeyRing) -> None:
    assert ring.open(ring.seal(b"303-555-0100", PLACE), PLACE) == b"303-555-0100"


def test_sealing_twice_gives_two_blobs(ring: KeyRing) -> None:
    assert ring.seal(b"x", PLACE) != ring.seal(b"x", PLACE)


def test_a_blob_copied_to_another_row_does_not_open(ring: KeyRing) -> None:
    with pytest.raises(SealBroken):
        ring.open(ring.seal(b"x", PLACE), b"patient.phone:2")


@pytest.mark.parametrize("position", [0, 1, 5, 20, -1])
def test_a_changed_blob_does_not_open(ring: KeyRing, position: int) -> None:
    blob = bytearray(ring.seal(b"a secret", PLACE))
    blob[position] ^= 1
    with pytest.raises(SealBroken):
        ring.open(bytes(blob), PLACE)


def test_an_older_key_still_opens_after_a_newer_one_seals(tmp_path: Path, ring: KeyRing) -> None:
    old = ring.seal(b"x", PLACE)
    path = tmp_path / "keys.json"
    raw = json.loads(path.read_text())
    write_new_keys(tmp_path / "other.json")
    raw["fields"]["2"] = json.loads((tmp_path / "other.json").read_text())["fields"]["1"]
    raw["current"] = 2
    path.write_text(json.dumps(raw))
    ring.load(path)
    assert ring.open(old, PLACE) == b"x"
    assert ring.seal(b"x", PLACE)[1:3] == b"\x00\x02"


def test_a_new_ring_is_readable_by_its_owner_only_and_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_new_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_new_keys(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"current": 2, "fields": {"1": "eA=="}}'])
def test_a_damaged_file_is_no_ring(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeysMissing):
        KeyRing().load(path)


def test_nothing_is_sealed_or_looked_up_without_keys() -> None:
    empty = KeyRing()
    for act in (lambda: empty.seal(b"x", PLACE), lambda: empty.index("phone", "1"), lambda: empty.audit_digest(b"x")):
        with pytest.raises(KeysMissing):
            act()


def test_an_index_depends_on_its_kind(ring: KeyRing) -> None:
    assert ring.index("phone", "0100") != ring.index("last4", "0100")
    assert len(ring.index("phone", "0100")) == 16
