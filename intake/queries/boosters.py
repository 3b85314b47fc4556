"""Reads of boosters: which one can be booked next, and what a provider suggests; a pair counts as two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from intake.domain.clinic_time import local_day
from intake.domain.scheduling.booster_signals import Advice
from intake.domain.scheduling.boosters import SECOND_OF_PAIR, DueWindow, Regime, due_windows, regime_from_json
from intake.domain.statuses import LIVE, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.boosters import BoosterAdvice
from intake.models.orders import Order
from intake.queries import series as series_reads
from intake.queries import sites
from intake.queries.series import BOOSTER

__all__ = [
    "BoosterAdvice",
    "advice_on",
    "advised",
    "booster_dates",
    "first_infusion_on",
    "movable_windows",
    "next_window",
    "standing",
    "window_after",
    "windows_of_booked",
]


def next_window(order: Order, *, today: date) -> DueWindow | None:
    """The window of the booster that can be booked next, with what a provider suggests; None when there is none.

    After the first of a pair is booked that is the second, reckoned from the day of the first.
    """
    known = series_reads.series_of_order(order.id)
    if known is None or known.status is not SeriesStatus.COMPLETED:
        return None
    given, last_on, expected = _course_of(order.id)
    if last_on is None:
        return None
    window = window_after(regime_from_json(order.booster_regime, order.expires_on), given, last_on, expected, today)
    said = advice_on(order.id) if window is not None else None
    if window is None or said is None:
        return window
    return advised(window, standing(said, last_on, sites.timezone_of(known.site_id)), today)


def windows_of_booked(order: Order, *, today: date) -> list[DueWindow]:
    """The windows of what is booked of a pair: the first one's, and the second one's reckoned from the first."""
    given, last_on, expected = _course_of(order.id)
    if last_on is None or not expected:
        return []
    regime = regime_from_json(order.booster_regime, order.expires_on)
    first = due_windows(last_on, regime, today, given=given, count=1)
    second = due_windows(expected[0], regime, today, given=given + 1, count=1)
    return first + [window for window in second if window.pair == SECOND_OF_PAIR]


def movable_windows(order: Order, *, today: date) -> list[DueWindow]:
    """The windows in which a booked booster may stand: the one due next first; none where any day will do."""
    windows = [series_reads.next_booster(order, today=today), next_window(order, today=today)]
    return [window for window in windows if window is not None] + windows_of_booked(order, today=today)


def booster_dates(order_id: UUID) -> list[date]:
    """The dates of every booster of an order that was given or is booked, in order."""
    rows = select(Appointment.on_date).where(
        Appointment.order_id == order_id, Appointment.kind == BOOSTER, Appointment.status.in_(LIVE)
    )
    return list(current_session().scalars(rows.order_by(Appointment.on_date)))


def first_infusion_on(order_id: UUID) -> date | None:
    """The date of the first infusion that was given on an order."""
    rows = select(func.min(Appointment.on_date)).where(
        Appointment.order_id == order_id, Appointment.status == Status.FULFILLED
    )
    return current_session().scalar(rows)


def advice_on(order_id: UUID) -> BoosterAdvice | None:
    """What a provider suggests on an order until it is taken back."""
    rows = select(BoosterAdvice).where(BoosterAdvice.order_id == order_id, BoosterAdvice.ended_at.is_(None))
    return current_session().scalars(rows).first()


def window_after(regime: Regime, given: int, last_on: date, expected: Sequence[date], today: date) -> DueWindow | None:
    """The next booster after those given and booked; None while one is booked that is not the first of a pair."""
    before = expected[-1] if expected else last_on
    found = due_windows(before, regime, today, given=given + len(expected), count=1)
    if not found or (expected and found[0].pair != SECOND_OF_PAIR):
        return None
    return found[0]


def standing(advice: BoosterAdvice | None, last_on: date, zone: str) -> BoosterAdvice | None:
    """A suggestion that counts: what was said before the day of the last infusion, on the site's clock, does not."""
    return advice if advice is not None and local_day(advice.at, zone) >= last_on else None


def advised(window: DueWindow, advice: BoosterAdvice | None, today: date) -> DueWindow:
    """The window as a standing suggestion has it: sooner opens it today, later makes its last day the best."""
    if advice is None or window.is_overdue:
        return window
    if advice.advice is Advice.SOONER and today < window.earliest:
        return replace(window, earliest=today, target=today)
    return replace(window, target=window.latest) if advice.advice is Advice.LATER else window


def _course_of(order_id: UUID) -> tuple[int, date | None, list[date]]:
    """How many boosters were given on an order, when the last infusion was, and which boosters are booked."""
    rows = select(Appointment.on_date, Appointment.kind, Appointment.status).where(
        Appointment.order_id == order_id, Appointment.status.in_(LIVE)
    )
    given, last_on, expected = 0, None, []
    for day, kind, status in current_session().execute(rows.order_by(Appointment.on_date)):
        if status is Status.FULFILLED:
            given, last_on = given + (kind == BOOSTER), day
        else:
            expected.append(day)
    return given, last_on, expected
