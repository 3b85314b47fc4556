"""The downtime pack: who comes today and tomorrow, sealed, hourly, readable without a database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from uuid_utils.compat import uuid7

from intake.domain.statuses import Status
from intake.extensions import db, ring, transaction
from intake.keyring import write_new_keys
from intake.models.appointments import Appointment
from intake.models.audit import AuditRow
from intake.models.consultations import Snapshot
from intake.models.orders import OrderCondition
from intake.models.scores import ScreeningAnswer
from intake.models.sites import Chair, SessionKind
from intake.queries import downtime as queries
from intake.queries import health
from intake.services import downtime, housekeeping
from intake.services.sealed_files import DOWNTIME, FileRefused, written
from tests.conftest import NOW
from tests.factories import a_consultation, a_desk, a_patient, a_provider, a_site, an_order

HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "packs"


def booked(site_id: UUID, patient_id: UUID, *, hours: float = 1, order_id: UUID | None = None, **values: Any) -> UUID:
    """An appointment some hours after now (9:00 am on a Tuesday there)."""
    starts_at = NOW + hours * HOUR
    with transaction() as session:
        chair_id = session.scalars(select(Chair.id).filter_by(site_id=site_id, number=1)).one()
        fields = {"kind": "infusion", "status": Status.BOOKED, "number": 2, "chair_id": chair_id} | values
        row = Appointment(
            site_id=site_id,
            patient_id=patient_id,
            order_id=order_id,
            on_date=(starts_at - 7 * HOUR).date(),
            starts_at=starts_at,
            ends_at=starts_at + 2 * HOUR,
            turnover_minutes=15,
            watch_profile=[[120, 1]],
            booked_by=_DESK[0],
            booked_at=NOW,
            **fields,
        )
        session.add(row)
        return row.id


_DESK: list[UUID] = []


@pytest.fixture(autouse=True)
def desk(app_context: None) -> Iterator[None]:
    _DESK[:] = [a_desk()]
    yield
    _DESK.clear()


def visits(day: int = 0, site: int = 0) -> list[dict[str, Any]]:
    pack = queries.pack(NOW)
    db.session.rollback()
    return pack["sites"][site]["days"][day]["visits"]  # type: ignore[no-any-return]


def test_a_visit_says_who_when_where_and_what_was_ordered() -> None:
    site_id, provider_id = a_site(), a_provider()
    patient_id = a_patient(site_id, preferred_name="Annie", phone="+13035550123", contact_person="Bo, 3035550124")
    order_id = an_order(patient_id, provider_id, conditions=("Bring the list", "ECG seen"), weight_kg=81.6)
    with transaction() as session:
        kind = {"code": "infusion", "name": "Infusion", "minutes": 120, "needs_chair": True, "needs_provider": False}
        session.add(SessionKind(watch_profile=[], **kind))
        first = session.scalars(select(OrderCondition).filter_by(order_id=order_id).order_by(OrderCondition.id)).first()
        assert first
        first.met_at = NOW
    booked(site_id, patient_id, order_id=order_id, tentative=True)
    (visit,) = visits()
    assert (visit["starts"], visit["ends"], visit["chair"], visit["kind"]) == ("10:00", "12:00", "A", "Infusion")
    assert (visit["number"], visit["of"], visit["needs_driver"], visit["status"]) == (2, 6, True, "booked")
    assert visit["patient"] == {
        "name": "Rivera, Ana",
        "called": "Annie",
        "born_on": "1985-03-14",
        "phone": "303-555-0123",
        "contact_person": "Bo, 3035550124",
    }
    order = visit["order"]
    assert (order["mg_per_kg"], order["mg"], order["dose"]) == (0.5, 41, "0.5 mg/kg × 81.6 kg = 41 mg")
    assert [(one["text"], one["met"]) for one in order["conditions"]] == [("Bring the list", True), ("ECG seen", False)]
    assert order["signed_by"] == "Dr. Pat Provider"


@pytest.mark.parametrize(("hours", "day"), [(-9, 0), (14.9, 0), (15, 1), (38.9, 1), (39, None), (-9.1, None)])
def test_today_and_tomorrow_end_at_midnight_of_the_site(hours: float, day: int | None) -> None:
    site_id = a_site()
    booked(site_id, a_patient(site_id), hours=hours)
    assert [len(visits(0)), len(visits(1))] == [int(day == 0), int(day == 1)]


@pytest.mark.parametrize("status", Status)
def test_who_is_not_expected_any_more_is_left_out(status: Status) -> None:
    site_id = a_site()
    booked(site_id, a_patient(site_id), status=status)
    gone = {Status.CANCELLED, Status.NO_SHOW, Status.CLINIC_HOLD}
    assert len(visits()) == int(status not in gone)


def test_each_site_has_its_own_days_and_its_own_clock() -> None:
    a_site(name="A Denver")
    a_site(name="B Tokyo", timezone="Asia/Tokyo")
    pack = queries.pack(NOW)
    db.session.rollback()
    assert [(site["name"], site["as_of"]) for site in pack["sites"]] == [
        ("A Denver", "Tue Dec 1, 9:00 am"),
        ("B Tokyo", "Wed Dec 2, 1:00 am"),
    ]
    assert [site["days"][0]["date"] for site in pack["sites"]] == ["2026-12-01", "2026-12-02"]


def test_the_answer_on_reactions_to_ketamine_is_the_newest_one() -> None:
    site_id = a_site()
    patient_id = a_patient(site_id)
    consultation_id = a_consultation(patient_id)
    with transaction() as session:
        for number, answer in ((1, "no"), (2, "yes")):
            sent = {"number": number, "form_version": "1", "request_key": uuid7(), "submitted_at": NOW}
            snapshot = Snapshot(consultation_id=consultation_id, body={}, signature="A", **sent)
            session.add(snapshot)
            session.flush()
            of = {"patient_id": patient_id, "snapshot_id": snapshot.id, "rule_version": "1"}
            session.add(ScreeningAnswer(question="E02", answer=answer, **of))
    booked(site_id, patient_id)
    assert visits()[0]["ketamine_reaction"] == "yes"


def test_the_pack_is_sealed_private_and_read_back_whole(folder: Path) -> None:
    site_id = a_site()
    booked(site_id, a_patient(site_id, family_name="Canaryname"))
    path = downtime.keep_current(folder, hours=48, now=NOW)
    assert path is not None and path.name == "downtime-20261201T160000Z.intake"
    assert b"Canaryname" not in path.read_bytes()
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert downtime.read(path) == json.loads(json.dumps(queries.pack(NOW)))
    db.session.rollback()


@pytest.mark.parametrize(("minutes", "is_due"), [(0, False), (54, False), (55, True), (600, True), (-5, True)])
def test_a_new_pack_is_written_when_the_newest_gets_old(folder: Path, minutes: int, is_due: bool) -> None:
    downtime.keep_current(folder, hours=48, now=NOW)
    again = downtime.keep_current(folder, hours=48, now=NOW + timedelta(minutes=minutes))
    assert (again is not None) is is_due


def test_packs_older_than_the_policy_go_but_never_the_newest_nor_anything_else(folder: Path) -> None:
    first = downtime.keep_current(folder, hours=2, now=NOW)
    second = downtime.keep_current(folder, hours=2, now=NOW + HOUR)
    other = folder / "downtime-notes.txt"
    other.write_text("mine")
    link = folder / "downtime-20200101T000000Z.intake"
    link.symlink_to(other)
    third = downtime.keep_current(folder, hours=2, now=NOW + 2 * HOUR + timedelta(seconds=1))
    assert first and second and third
    assert sorted(folder.iterdir()) == sorted([second, third, other, link])


def test_when_no_new_pack_can_be_made_the_newest_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = downtime.keep_current(folder, hours=1, now=NOW)
    monkeypatch.setattr(downtime, "_write", lambda *_: None)
    downtime.keep_current(folder, hours=1, now=NOW + 30 * HOUR)
    assert path is not None and path.exists()


def test_two_workers_in_one_second_leave_one_pack(folder: Path) -> None:
    assert downtime.keep_current(folder, hours=48, now=NOW) is not None
    assert downtime._write(folder, NOW) is None
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(("minutes", "is_stale"), [(0, False), (90, False), (91, True)])
def test_a_pack_is_stale_after_ninety_minutes(folder: Path, minutes: int, is_stale: bool) -> None:
    assert downtime.is_stale(NOW)
    db.session.rollback()
    downtime.keep_current(folder, hours=48, now=NOW)
    housekeeping.beat("worker", NOW + timedelta(minutes=minutes))
    assert downtime.is_stale(NOW + timedelta(minutes=minutes)) is is_stale
    db.session.rollback()


def test_a_pack_written_by_hand_does_not_pass_for_a_worker(folder: Path) -> None:
    downtime.keep_current(folder, hours=48, now=NOW)
    assert health.last_beat() is None
    db.session.rollback()


def test_each_pack_is_in_the_audit_trail(folder: Path) -> None:
    downtime.keep_current(folder, hours=48, now=NOW)
    assert db.session.scalars(select(AuditRow.action)).all() == ["downtime.pack"]
    db.session.rollback()


@pytest.mark.one_database
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"sites": 1}', b"\xff\xfe"])
def test_a_pack_that_holds_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    with written(tmp_path / "pack", DOWNTIME) as writer:
        writer.write(content)
    with pytest.raises(FileRefused, match="no pack that can be read"):
        downtime.read(tmp_path / "pack")


@pytest.mark.one_database
@pytest.mark.parametrize("content", [b"", b"INTKPCK1", os.urandom(500)])
def test_what_is_no_pack_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pack").write_bytes(content)
    with pytest.raises(FileRefused):
        downtime.read(tmp_path / "pack")


@pytest.mark.one_database
def test_a_cut_pack_is_refused_and_another_key_is_named(app: Flask, folder: Path, tmp_path: Path) -> None:
    path = downtime.keep_current(folder, hours=48, now=NOW)
    assert path is not None
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(FileRefused, match="damaged"):
        downtime.read(path)
    path.write_bytes(whole)
    write_new_keys(tmp_path / "other.json")
    try:
        ring.load(tmp_path / "other.json")
        with pytest.raises(FileRefused, match="another key ring"):
            downtime.read(path)
    finally:
        ring.load(app.config["INTAKE"].keys)
