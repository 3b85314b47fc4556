"""The audit chain finds what was changed behind its back."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from intake.extensions import db, transaction
from intake.models.audit import AuditLink, AuditRow
from intake.services import audit, audit_chain
from tests.conftest import NOW
from tests.factories import a_patient, a_provider, a_site

pytestmark = pytest.mark.usefixtures("app_context")


def given_rows(count: int, *, site_id: UUID | None = None) -> None:
    with transaction() as session:
        for number in range(count):
            at = NOW + timedelta(seconds=number)
            audit.add(session, actor_id=None, action="test", subject=("thing", uuid4()), now=at, site_id=site_id)


def faults(anchor: Path | None = None) -> list[str]:
    found = list(audit_chain.verify(anchor.read_text().splitlines() if anchor else ()))
    db.session.rollback()
    return found


def test_a_whole_chain_has_no_fault() -> None:
    given_rows(3, site_id=a_site())
    given_rows(2)
    assert audit_chain.link_rows(NOW) == 5
    assert faults() == []


def test_linking_twice_adds_nothing() -> None:
    given_rows(2)
    audit_chain.link_rows(NOW)
    assert audit_chain.link_rows(NOW) == 0


def test_a_row_that_comes_late_is_still_linked() -> None:
    given_rows(2)
    audit_chain.link_rows(NOW + timedelta(minutes=1))
    given_rows(1)
    assert audit_chain.link_rows(NOW + timedelta(minutes=2)) == 1
    assert faults() == []


@pytest.mark.parametrize("change", ["row", "link", "row and link", "swap"])
def test_a_change_names_the_first_broken_link(change: str) -> None:
    given_rows(4)
    audit_chain.link_rows(NOW)
    second = select(AuditLink.row_id).where(AuditLink.seq == 2)
    with transaction() as session:
        row_id = session.scalars(second).one()
        if change == "row":
            session.execute(update(AuditRow).where(AuditRow.id == row_id).values(action="other"))
        if change in ("link", "row and link"):
            session.execute(delete(AuditLink).where(AuditLink.seq == 2))
        if change == "row and link":
            session.execute(delete(AuditRow).where(AuditRow.id == row_id))
        if change == "swap":
            third = session.scalars(select(AuditLink.row_id).where(AuditLink.seq == 3)).one()
            session.execute(update(AuditLink).where(AuditLink.seq == 3).values(row_id=given_stranger(session)))
            session.execute(update(AuditLink).where(AuditLink.seq == 2).values(row_id=third))
    found = faults()
    assert len(found) == 1
    assert "link 2" in found[0] or "link 3: link 2 is missing" in found[0]


def given_stranger(session: object) -> UUID:
    row = audit.add(session, actor_id=None, action="test", subject=("thing", 1), now=NOW)  # type: ignore[arg-type]
    session.flush()  # type: ignore[attr-defined]
    return row.id


def test_a_cut_tail_is_found_against_the_anchor_only(tmp_path: Path) -> None:
    given_rows(3)
    audit_chain.link_rows(NOW)
    anchor = tmp_path / "anchor"
    audit_chain.append_anchor(anchor, NOW)
    db.session.rollback()
    with transaction() as session:
        last = session.scalars(select(AuditLink.row_id).where(AuditLink.seq == 3)).one()
        session.execute(delete(AuditLink).where(AuditLink.seq == 3))
        session.execute(delete(AuditRow).where(AuditRow.id == last))
    assert faults() == []
    assert "anchor" in faults(anchor)[0]


def test_an_anchor_is_written_only_when_a_chain_has_moved(tmp_path: Path) -> None:
    given_rows(1)
    audit_chain.link_rows(NOW)
    anchor = tmp_path / "anchor"
    audit_chain.append_anchor(anchor, NOW)
    audit_chain.append_anchor(anchor, NOW)
    db.session.rollback()
    assert len(anchor.read_text().splitlines()) == 1


def test_a_row_linked_long_after_it_was_written_is_reported() -> None:
    given_rows(1)
    audit_chain.link_rows(NOW + timedelta(minutes=11))
    assert "1 rows were written more than ten minutes before" in faults()[0]


def test_a_view_is_noted_once_in_ten_minutes() -> None:
    site_id, provider_id = a_site(), a_provider()
    patient_id = a_patient(site_id)
    for minutes in (0, 5, 10, 11):
        audit.record_view(provider_id, patient_id, what="chart", now=NOW + timedelta(minutes=minutes))
    views = db.session.scalars(select(AuditRow.at).where(AuditRow.action == "view.chart").order_by(AuditRow.at)).all()
    db.session.rollback()
    assert views == [NOW, NOW + timedelta(minutes=10)]
