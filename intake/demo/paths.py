"""How far people of the demo have come, one function for each kind of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID

from intake.demo import histories, journeys, rows, today, treatment
from intake.demo.cast import THRICE, TWICE, Cast, Office
from intake.demo.journeys import Enrolled
from intake.domain.reviews import DecisionKind
from intake.extensions import current_session
from intake.queries import series as series_queries

DAY = timedelta(days=1)
LEAD_DAYS = 6
"""From the signed order to the first infusion, at the least."""
DUE_DAYS = 60
"""From a series' first infusion to a booster: three weeks of the series, and room for a clinic that was full."""
TRIES_DAYS = 8
SPAN_DAYS = 30
NUMBERS = {4: (4, 2, 6), 6: (6, 4, 2), 2: (2, 4, 6)}
"""Which infusion of a series stands at a start of the board's day, and which others will do."""
ALERT_POINTS = 2


def in_intake(cast: Cast, office: Office, screens: int, *, days_ago: int, alert: bool = False) -> Enrolled:
    """Somebody who has filled in so many screens; with an alert only who they are, why they come, and the PHQ-9."""
    at = cast.now - days_ago * DAY - timedelta(minutes=75 + 13 * days_ago)
    who = _enrol(office, at)
    parts = journeys.parts_of(who, office.today(at))
    if alert:
        place, answers = parts[-1]
        parts = [*parts[:4], (place, answers | {"item_9": str(ALERT_POINTS)})]
    journeys.fill_in(who, parts[:screens], at=at + timedelta(minutes=5))
    return who


def in_review(cast: Cast, office: Office, kind: int, *, worry: int = 0) -> Enrolled:
    """Somebody whose form is sent; `kind` chooses the history and the days since, `worry` answers the safety item."""
    day = office.near(office.today(cast.now) - (kind % 6 + 1) * DAY)
    who = _enrol(office, office.at(day - 3 * DAY, 1140))
    parts = histories.parts(who.person, histories.history(kind), office.name, day)
    if worry:
        place, answers = parts[-1]
        parts[-1] = place, answers | {"item_9": str(worry)}
    journeys.fill_in(who, parts, at=office.at(day, 1080 - 30))
    journeys.send(who, at=office.at(day, 1080))
    return who


def claimed(cast: Cast, who: Enrolled, *, is_returned: bool) -> None:
    """A provider has taken it up the working day before today, and perhaps asked something back."""
    day = who.office.near(who.office.today(cast.now) - DAY)
    journeys.claim(cast, who, at=who.office.at(day, 870))
    if is_returned:
        journeys.ask_back(cast, who, at=who.office.at(day, 900))


def after_a_call(cast: Cast, who: Enrolled) -> None:
    """The alert that the answers raised is closed the working day before today."""
    journeys.close_alert(cast, who, at=who.office.at(who.office.near(who.office.today(cast.now) - DAY), 840))


def to_order(cast: Cast, office: Office, day: date, *, protocol: str = TWICE, days: int = 0) -> tuple[Enrolled, UUID]:
    """Somebody new with an order signed on a date (open, and before today)."""
    asked, seen = office.near(day - 12 * DAY), office.near(day - 2 * DAY)
    who = _enrol(office, office.at(asked, 1110))
    journeys.fill_in(who, journeys.parts_of(who, asked), at=office.at(asked, 1125))
    journeys.send(who, at=office.at(asked, 1170))
    journeys.claim(cast, who, at=office.at(office.near(day - 6 * DAY), 500))
    journeys.evaluate(cast, who, at=office.at(seen, 540 + who.person.number * 45 % 360))
    journeys.accept(cast, who, at=office.at(day, 690))
    return who, journeys.order(cast, who, at=office.at(day, 700), protocol=protocol, days=days)


def into_series(
    cast: Cast, office: Office, first: date, *, avoid: list[date], protocol: str = TWICE, days: int = 0
) -> tuple[Enrolled, UUID, UUID | None]:
    """Somebody new whose series begins on a date or within a week after it; the last is None where none fits."""
    signed = office.near(min(first - LEAD_DAYS * DAY, office.today(cast.now) - DAY))
    who, order_id = to_order(cast, office, signed, protocol=protocol, days=days)
    return who, order_id, _lay_out_from(cast, who, order_id, first, avoid=avoid, at=office.at(signed, 760))


def into_series_at(cast: Cast, office: Office, day: date, start: int, number: int) -> bool:
    """Somebody new whose infusion `number` (else another one) is on this date and start.

    Whether it came to that: else the person is in series at other times.
    """
    firsts = {one: treatment.began_on(day, one) for one in NUMBERS.get(number, (number,))}
    signed = office.near(min(*firsts.values(), office.today(cast.now) - DAY + LEAD_DAYS * DAY) - LEAD_DAYS * DAY)
    who, order_id = to_order(cast, office, signed)
    at = office.at(signed, 760)
    for one, is_strict in product(firsts, (True, False)):
        wanted = treatment.wishes_around(day, start, one, is_strict=is_strict)
        if treatment.lay_out(cast, order_id, wanted, office, at=at):
            return True
    _lay_out_from(cast, who, order_id, firsts[number], avoid=[day], at=at)
    return False


def _lay_out_from(
    cast: Cast, who: Enrolled, order_id: UUID, first: date, *, avoid: list[date], at: datetime
) -> UUID | None:
    """Lay a series out that begins on a date or, where the clinic is full, up to three weeks later."""
    is_near = first > who.office.today(cast.now) - SPAN_DAYS * DAY
    for tries in range(3):
        begin = first + tries * TRIES_DAYS * DAY
        wanted = treatment.wishes(who.person.number, begin, begin + TRIES_DAYS * DAY, avoid=avoid, is_near=is_near)
        booked = treatment.lay_out(cast, order_id, wanted, who.office, at=at)
        if booked is not None:
            return booked
    return None


def on_boosters(cast: Cast, office: Office, first: date, *, avoid: list[date]) -> Enrolled:
    """Somebody whose series began on a date in the past, with the boosters since then up to the board's day."""
    who, order_id, series_id = into_series(cast, office, first, avoid=avoid)
    last, until = _last_day(series_id), min(avoid)
    while last is not None:
        target = office.near(last + (28 + who.person.number % 8) * DAY)
        last = booster_near(cast, who.patient_id, order_id, office, target, until=until) if target < until else None
    return who


def due_for_booster(cast: Cast, office: Office, day: date) -> bool:
    """Somebody new whose series ended about four weeks before a date, so that a booster is due; whether it fitted."""
    _, _, series_id = into_series(cast, office, office.near(day - DUE_DAYS * DAY), avoid=[day])
    today.settle(cast)
    return series_id is not None


def booster_near(
    cast: Cast, patient_id: UUID, order_id: UUID, office: Office, target: date, *, until: date = date.max
) -> date | None:
    """Book a booster on a date or within the six days after it and before `until`, as if ten days earlier."""
    at = cast.past(office.at(target - 10 * DAY, 660))
    number, is_ahead = patient_id.int % 97, target > office.today(cast.now)
    for day in office.days_from(target):
        if day > target + 6 * DAY or day >= until:
            return None
        slot = treatment.free_slot(
            office, day, at=at, starts=treatment.usual_starts(office, day, number, is_ahead=is_ahead)
        )
        if slot and treatment.book_booster(cast, patient_id, order_id, office, slot, at=at):
            return day
    return None


def ended(cast: Cast, office: Office, kind: int, day: date, *, avoid: list[date]) -> None:
    """Somebody whose treatment is over: declined, referred, stopped, or out of a past order. `day` lies in the past."""
    if kind % 8 < 3:
        _turned_away(cast, office, DecisionKind.REFERRED if kind % 8 == 2 else DecisionKind.DECLINED, day)
    elif kind % 8 < 5:
        who, order_id, _ = into_series(cast, office, day, avoid=avoid, protocol=THRICE)
        stopped = office.at(_settled_day(office, day + 10 * DAY), 630)
        today.settle(replace(cast, now=stopped))
        journeys.stop(cast, who, order_id, at=stopped)
    else:
        into_series(cast, office, day, avoid=avoid, days=60)


def _turned_away(cast: Cast, office: Office, kind: DecisionKind, day: date) -> None:
    asked = office.near(day - 12 * DAY)
    who = _enrol(office, office.at(asked, 1110))
    journeys.fill_in(who, journeys.parts_of(who, asked), at=office.at(asked, 1125))
    journeys.send(who, at=office.at(asked, 1170))
    journeys.claim(cast, who, at=office.at(office.near(day - 6 * DAY), 500))
    journeys.evaluate(cast, who, at=office.at(office.near(day - 2 * DAY), 600))
    journeys.decline(cast, who, kind, at=office.at(_settled_day(office, day), 630))


def _settled_day(office: Office, day: date) -> date:
    """An open date whose neighbours are open too: bad news may take effect in its morning."""
    days = office.days_from(day, -1)
    return next(one for one in days if office.is_open(one - DAY) and office.is_open(one + DAY))


def _last_day(series_id: UUID | None) -> date | None:
    if series_id is None:
        return None
    last = max(row.on_date for row in series_queries.infusions_of(series_id))
    current_session().rollback()
    return last


def _enrol(office: Office, at: datetime) -> Enrolled:
    person = rows.newcomer()
    return journeys.enrol(person, office, histories.history(person.number)["reason"], at=at)
