"""Slot claims on their own: whose they are, what they refuse, what they give back."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from intake.domain.statuses import Status
from intake.extensions import db, transaction
from intake.models.appointments import Appointment, SlotClaim, SlotHold
from intake.services import claims
from intake.services.claims import SLOT, Owner, Place, Taken, Wanted
from tests import factories
from tests.factories import NOW
from tests.racing import race
from tests.refusing import refused

TEN = NOW.replace(hour=17)
"""10:00 in Denver."""


@pytest.fixture
def site_id() -> UUID:
    """A site with 64 chairs, so that chairs are never what is short."""
    return factories.a_site(chairs=64)


def a_row(site_id: UUID, starts_at=TEN, minutes: int = 60) -> UUID:
    """An appointment without claims; they are what is tested."""
    patient_id, desk_id = factories.a_patient(site_id, with_account=False), factories.a_desk()
    with transaction() as session:
        row = Appointment(
            site_id=site_id,
            patient_id=patient_id,
            kind="infusion",
            on_date=date(2026, 12, 1),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            turnover_minutes=0,
            watch_profile=[],
            status=Status.BOOKED,
            booked_by=desk_id,
            booked_at=NOW,
        )
        session.add(row)
        return row.id


def a_hold(site_id: UUID) -> Owner:
    patient_id, desk_id = factories.a_patient(site_id, with_account=False), factories.a_desk()
    with transaction() as session:
        row = SlotHold(
            site_id=site_id,
            patient_id=patient_id,
            held_by=desk_id,
            sessions=[],
            claim_count=0,
            created_at=NOW,
            expires_at=NOW + timedelta(minutes=10),
        )
        session.add(row)
        return Owner(hold_id=row.id, expires_at=row.expires_at)


def a_place(site_id: UUID, chair: int = 1, starts_at=TEN, minutes: int = 60, **values) -> Place:
    fields = {"turnover_minutes": 15, "watch_profile": ((30, 2), (30, 1))} | values
    return Place(site_id, starts_at, starts_at + timedelta(minutes=minutes), chair, **fields)


def want(site_id: UUID, owner: Owner, chair: int = 1, units: int = 4, starts: int = 4, **values) -> Wanted:
    place = a_place(site_id, chair, **values)
    limits = {slot: units for slot, _ in place.watched()}
    return Wanted(owner, place, start_limit=starts, watch_limits=limits)


def claim(*wanted: Wanted, now=NOW) -> int:
    with transaction() as session:
        return claims.claim(session, wanted, now)


def held() -> list[tuple[str, int]]:
    rows = db.session.execute(
        select(SlotClaim.resource, SlotClaim.slot_at).order_by(SlotClaim.resource, SlotClaim.slot_at)
    )
    return [(resource, int((slot - TEN) / SLOT)) for resource, slot in rows]


def test_a_session_takes_chair_with_turnover_start_and_watch_units(site_id):
    assert claim(want(site_id, Owner(a_row(site_id)))) == 12
    chair = [("chair:1", slot) for slot in range(5)]
    watch = [("watch:01", 0), ("watch:01", 1), ("watch:01", 2), ("watch:01", 3), ("watch:02", 0), ("watch:02", 1)]
    assert held() == [*chair, ("start:01", 0), *watch]


def test_nothing_wanted_takes_nothing(site_id):
    assert claim() == 0
    assert held() == []


@pytest.mark.parametrize(("turnover", "slots"), [(0, 4), (1, 5), (15, 5), (16, 6), (20, 6)])
def test_turnover_is_rounded_up_to_whole_slots(site_id, turnover, slots):
    claim(want(site_id, Owner(a_row(site_id)), turnover_minutes=turnover))
    assert sum(resource == "chair:1" for resource, _ in held()) == slots


@pytest.mark.parametrize(
    ("profile", "units"),
    [
        (((30, 2), (30, 1)), [2, 2, 1, 1]),
        (((20, 2), (40, 1)), [2, 2, 1, 1]),  # a slot asks for the most of its minutes
        (((15, 2), (45, 1)), [2, 1, 1, 1]),
        (((10, 1),), [1, 1, 1, 1]),  # the last step lasts to the end
        (((60, 0),), [0, 0, 0, 0]),
    ],
)
def test_a_slot_is_watched_by_the_most_that_its_minutes_ask_for(site_id, profile, units):
    assert [count for _, count in a_place(site_id, watch_profile=profile).watched()] == units


def test_a_taken_chair_is_refused_and_nothing_is_left(site_id):
    claim(want(site_id, Owner(a_row(site_id))))
    before = held()
    with pytest.raises(Taken):
        claim(want(site_id, Owner(a_row(site_id)), starts_at=TEN + 4 * SLOT))  # during the turnover
    assert held() == before


def test_the_slot_after_the_turnover_is_free(site_id):
    claim(want(site_id, Owner(a_row(site_id))))
    before = len(held())
    claim(want(site_id, Owner(a_row(site_id)), starts_at=TEN + 5 * SLOT))
    assert len(held()) == 2 * before


def test_a_person_is_guarded_under_the_home_site_at_every_site(site_id):
    other_site, patient_id = factories.a_site(), factories.a_patient(site_id, with_account=False)
    person = ((site_id, f"patient:{patient_id}"),)
    claim(want(site_id, Owner(a_row(site_id)), persons=person))
    other = a_row(other_site)
    with refused(Taken):
        claim(want(other_site, Owner(other), persons=person))


@pytest.mark.parametrize(("units", "fits"), [(2, 1), (3, 1), (4, 2), (5, 2), (6, 3)])
def test_watch_units_limit_how_many_sit_at_once(site_id, units, fits):
    for number in range(fits):
        claim(want(site_id, Owner(a_row(site_id)), number + 1, units))
    one_more = a_row(site_id)
    with refused(Taken):
        claim(want(site_id, Owner(one_more), 9, units))


def test_starts_at_one_moment_are_limited(site_id):
    claim(want(site_id, Owner(a_row(site_id)), 1, units=9, starts=1))
    second = a_row(site_id)
    with refused(Taken):
        claim(want(site_id, Owner(second), 2, units=9, starts=1))
    claim(want(site_id, Owner(a_row(site_id)), 2, units=9, starts=1, starts_at=TEN + SLOT))


def test_a_session_without_a_chair_takes_persons_only(site_id):
    person = ((site_id, "provider:x"),)
    place = Place(site_id, TEN, TEN + 2 * SLOT, None, persons=person)
    assert claim(Wanted(Owner(a_row(site_id)), place)) == 2
    assert held() == [("provider:x", 0), ("provider:x", 1)]


def test_expired_holds_are_taken_over_and_others_are_not(site_id):
    hold = a_hold(site_id)
    claim(want(site_id, hold))
    row = a_row(site_id)
    with pytest.raises(Taken):
        claim(want(site_id, Owner(row)), now=hold.expires_at - timedelta(seconds=1))
    claim(want(site_id, Owner(row)), now=hold.expires_at)
    assert set(db.session.scalars(select(SlotClaim.appointment_id))) == {row}


def test_what_is_released_is_ones_own_and_all_of_it(site_id):
    first, second = a_row(site_id), a_row(site_id)
    claim(want(site_id, Owner(first), 1), want(site_id, Owner(second), 2))
    with transaction() as session:
        assert claims.release(session, [(Owner(first), a_place(site_id, 1))]) == 12
        assert claims.release(session, [(Owner(first), a_place(site_id, 2))]) == 0
    assert set(db.session.scalars(select(SlotClaim.appointment_id))) == {second}


def test_a_partly_taken_over_hold_confirms_fewer_claims_than_it_had(site_id):
    hold, row = a_hold(site_id), a_row(site_id)
    count = claim(want(site_id, hold))
    late = hold.expires_at
    claim(want(site_id, Owner(a_row(site_id)), starts_at=TEN + 2 * SLOT), now=late)
    with transaction() as session:
        kept = claims.confirm(session, hold, [(a_place(site_id), row)], late - timedelta(seconds=1))
        assert 0 < kept < count
        session.rollback()


def test_a_start_off_the_quarter_is_refused(site_id):
    with pytest.raises(ValueError, match="quarter"):
        claims.slots_between(TEN + timedelta(minutes=5), TEN + timedelta(minutes=50))


def test_desks_on_different_chairs_all_get_their_place(app, site_id):
    rows = [a_row(site_id) for _ in range(8)]
    answers = race(app, lambda number: claim(want(site_id, Owner(rows[number]), number + 1, units=16, starts=8)), 8)
    assert answers == [12] * 8
    assert sum(resource.startswith("watch") for resource, _ in held()) == 8 * 6


def test_exactly_as_many_as_can_be_watched_get_in(app, site_id):
    rows = [a_row(site_id) for _ in range(16)]
    answers = race(app, lambda number: claim(want(site_id, Owner(rows[number]), number + 1, units=8, starts=16)), 16)
    assert sorted(str(answer) for answer in answers if not isinstance(answer, Taken)) == ["12"] * 4
    assert sum(isinstance(answer, Taken) for answer in answers) == 12
