"""A clinic from a file."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from intake.domain.errors import DomainError
from intake.extensions import db
from intake.models.people import Account
from intake.models.sites import Chair, Closure, Opening, Policy, Protocol, Shift, Site
from intake.services import clinics
from tests.conftest import NOW
from tests.factories import PROTOCOL_RULES
from tests.refusing import refused

pytestmark = pytest.mark.usefixtures("app_context")

SITE: dict[str, Any] = {
    "name": "Denver",
    "timezone": "America/Denver",
    "slot_minutes": 15,
    "chairs": [{"name": "A", "features": ["private"]}, {"name": "B"}],
    "hours": {"mon": [["08:00", "17:00"]], "tue": [["08:00", "12:00"], ["13:00", "17:00"]]},
    "closures": ["2026-12-25", {"date": "2026-12-24", "from": "12:00", "to": "17:00"}],
    "monitoring": [{"days": ["mon", "tue"], "from": "07:30", "to": "17:30", "capacity": 4}],
    "starts_per_slot": 1,
    "no_start": [{"days": ["mon", "tue"], "from": "11:30", "to": "12:15"}],
}
CLINIC: dict[str, Any] = {
    "sites": [SITE],
    "protocols": [{"name": "Acute, twice weekly", "source": "the clinic", **PROTOCOL_RULES}],
    "session_kinds": [
        {"code": "infusion", "name": "Infusion", "minutes": 120, "turnover_minutes": 15, "needs_chair": True,
         "needs_provider": False, "watch_profile": [[30, 2], [90, 1]]}
    ],
    "policies": [{"name": "clinic", "value": {"name": "Juniper Street Clinic", "phone": "303-555-0142"}}],
    "staff": [{"email": "Desk@Example.org", "name": "Dana Desk", "roles": ["desk"]}],
}  # fmt: skip


def count(model: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(model))
    db.session.rollback()
    return found or 0


def test_a_file_becomes_a_clinic() -> None:
    changed = clinics.load(CLINIC, now=NOW)
    assert changed == {"sites": 1, "protocols": 1, "session_kinds": 1, "policies": 1, "staff": 1}
    assert (count(Site), count(Chair), count(Opening), count(Shift), count(Closure)) == (1, 2, 3, 2, 2)


def test_loading_twice_changes_nothing() -> None:
    clinics.load(CLINIC, now=NOW)
    assert set(clinics.load(deepcopy(CLINIC), now=NOW).values()) == {0}


def test_a_protocol_that_differs_becomes_a_new_version() -> None:
    clinics.load(CLINIC, now=NOW)
    changed = deepcopy(CLINIC)
    changed["protocols"][0]["max_span_days"] = 25
    clinics.load(changed, now=NOW)
    rows = db.session.scalars(select(Protocol).order_by(Protocol.version)).all()
    assert [(row.version, row.rules["max_span_days"]) for row in rows] == [(1, 21), (2, 25)]


def test_a_chair_that_is_left_out_is_retired_and_its_number_is_not_used_again() -> None:
    clinics.load(CLINIC, now=NOW)
    changed = deepcopy(CLINIC)
    changed["sites"][0]["chairs"] = [{"name": "A"}, {"name": "C"}]
    clinics.load(changed, now=NOW + timedelta(days=1))
    rows = db.session.scalars(select(Chair).order_by(Chair.number)).all()
    assert [(row.number, row.name, row.retired_on is None) for row in rows] == [
        (1, "A", True),
        (2, "B", False),
        (3, "C", True),
    ]


def test_staff_are_known_by_their_lower_case_address() -> None:
    clinics.load(CLINIC, now=NOW)
    assert db.session.scalars(select(Account.email)).one() == "desk@example.org"


def test_a_changed_policy_gets_a_higher_version() -> None:
    clinics.load(CLINIC, now=NOW)
    changed = deepcopy(CLINIC)
    changed["policies"][0]["value"]["phone"] = "303-555-0143"
    clinics.load(changed, now=NOW)
    assert db.session.scalars(select(Policy.version)).one() == 2


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("sites", 0, "slot_minutes"), 20, "sites.Denver: site.slot_minutes"),
        (("sites", 0, "timezone"), "Mars/Olympus", "sites.Denver: site.timezone"),
        (("protocols", 0, "per_week"), 0, "protocols.Acute, twice weekly: protocol.per_week"),
        (("session_kinds", 0, "needs_chair"), "yes", "session_kinds.needs_chair"),
        (("staff", 0, "roles"), ["patient"], "staff.roles"),
        (("sites", 0, "name"), " ", "sites.name"),
        (("surprise",), 1, "surprise"),
    ],
)
def test_a_malformed_file_is_refused_with_its_key_and_leaves_nothing(
    path: tuple[Any, ...], value: Any, key: str
) -> None:
    broken = deepcopy(CLINIC)
    place: Any = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(DomainError) as told:
        clinics.load(broken, now=NOW)
    assert told.value.message.startswith(key)
    assert (count(Site), count(Protocol), count(Account)) == (0, 0, 0)


def test_a_protocol_may_begin_with_a_shipped_one() -> None:
    entry = {"name": "Ours", "like": "acute-thrice-weekly", "turnover_minutes": 30}
    clinics.load({"protocols": [entry]}, now=NOW)
    row = db.session.scalars(select(Protocol)).one()
    assert (row.rules["per_week"], row.rules["turnover_minutes"], "name" in row.rules) == (3, 30, False)
    assert "Murrough 2013" in row.source
    db.session.rollback()


def test_an_unknown_shipped_protocol_is_refused() -> None:
    with refused(DomainError, match="no protocol of this name"):
        clinics.load({"protocols": [{"name": "Ours", "like": "weekly"}]}, now=NOW)
