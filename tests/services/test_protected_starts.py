"""Protected starts are kept for boosters and urgent visits, and released to everybody 48 hours before."""

from datetime import date, timedelta

import pytest
from uuid_utils.compat import uuid7

from intake.domain.scheduling.values import Slot
from intake.extensions import db, transaction
from intake.models.appointments import Appointment
from intake.models.sites import Policy, Site, StartRule
from intake.queries import cases, orders, schedules, series
from intake.queries import sites as site_reads
from intake.services import appointments
from intake.services.appointments import NewAppointment
from intake.services.placing import NoLongerHolds
from tests import factories
from tests.factories import NOW
from tests.services.bookings import an_order_to_book, check_tables, the_kind, utc

DAY = date(2026, 12, 10)  # Thursday
NINE = 9 * 60
RELEASED_AT = utc(DAY, 16) - timedelta(hours=48)  # 9:00 in Denver is 16:00 UTC


@pytest.fixture
def site_id():
    found = factories.a_site()
    with transaction() as session:
        for weekday in range(5):
            session.add(StartRule(site_id=found, kind="protected", weekday=weekday, starts=NINE, ends=NINE + 15))
    for kind in ("dressing", "urgent"):
        the_kind(kind)
    the_kind("integration", chair=False)
    return found


def book(site_id, kind, *, now=NOW, start=NINE):
    chair = "" if kind == "integration" else "A"
    wanted = NewAppointment(factories.a_patient(site_id), site_id, kind, Slot(DAY, start, chair))
    return appointments.book(wanted, request_key=uuid7(), actor_id=factories.a_desk(), now=now)


def test_somebody_it_is_not_kept_for_is_told_whom_it_is_kept_for_and_offered_others(site_id):
    with pytest.raises(NoLongerHolds, match="kept for boosters and urgent visits until Tue Dec 8, 9:00 am") as caught:
        book(site_id, "dressing")
    assert caught.value.offer and Slot(DAY, NINE, "A") not in caught.value.offer
    check_tables()


@pytest.mark.parametrize("kind", ["urgent", "integration"])
def test_an_urgent_visit_and_what_needs_no_chair_may_have_it(site_id, kind):
    book(site_id, kind)
    check_tables()


def test_it_is_released_to_everybody_two_days_before_to_the_minute(site_id):
    with pytest.raises(NoLongerHolds):
        book(site_id, "dressing", now=RELEASED_AT - timedelta(minutes=1))
    book(site_id, "dressing", now=RELEASED_AT)
    check_tables()


def test_the_clinic_sets_whom_and_how_long(site_id):
    with transaction() as session:
        value = {"kinds": ["dressing"], "release_hours": 0}
        session.add(Policy(name="protected_starts", value=value, set_at=NOW))
    book(site_id, "dressing")
    with pytest.raises(NoLongerHolds, match="kept for dressing until Thu Dec 10, 9:00 am"):
        book(site_id, "urgent", now=utc(DAY, 15))


def test_a_time_without_a_chair_is_answered_with_others_without_a_chair(site_id):
    wanted = Slot(DAY, 17 * 60, "")
    new = NewAppointment(factories.a_patient(site_id), site_id, "integration", wanted)
    with pytest.raises(NoLongerHolds) as caught:
        appointments.book(new, request_key=uuid7(), actor_id=factories.a_desk(), now=NOW)
    assert {slot.chair for slot in caught.value.offer} == {""}


def test_planning_takes_a_released_start_without_its_price(site_id):
    order_id = an_order_to_book(site_id)
    order, row = orders.order(order_id), series.proposed_of(order_id)
    case = cases.series_case(order, db.session.get_one(Site, site_id), row.wishes, now=NOW)
    assert case.site.release.until == (date(2026, 12, 3), NINE)
    assert schedules.site_rules(db.session.get_one(Site, site_id), first=DAY).release is None


def test_a_site_that_protects_nothing_asks_for_no_policy():
    plain = factories.a_site()
    assert schedules.release_at(db.session.get_one(Site, plain), NOW) is None
    assert site_reads.policy("protected_starts") is None
    assert db.session.query(Appointment).count() == 0
