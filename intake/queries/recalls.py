"""The recall list: whose booster is due, what was tried, what a provider suggests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, case, cast, func, select

from intake.domain.scheduling.booster_signals import Advice
from intake.domain.scheduling.boosters import SECOND_OF_PAIR, DueWindow, Regime, regime_from_json, reorder_words
from intake.domain.scheduling.recalls import AHEAD
from intake.domain.statuses import LIVE_ORDER, SeriesStatus, Status
from intake.extensions import current_session
from intake.models.appointments import Appointment
from intake.models.boosters import BoosterAdvice, RecallTouch
from intake.models.orders import Order
from intake.models.people import Account, Patient
from intake.models.scores import Contact
from intake.models.series import Series
from intake.models.sites import Site
from intake.queries.boosters import advised, standing, window_after
from intake.queries.series import BOOSTER, EXPECTED, Due

__all__ = [
    "BoosterAdvice",
    "Listed",
    "Recall",
    "RecallTouch",
    "Show",
    "due_soonest",
    "recall",
    "recalled",
    "touches_of",
]

PER_PAGE = 25


class Show(StrEnum):
    """Which part of the recall list is shown."""

    DUE = "due"
    OVERDUE = "overdue"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Recall:
    """A patient whose booster is due, with all that a row says of it.

    `touch` is the last try of the desk and `touched_by` who made it; `contact_at` the last contact of a provider.
    """

    order: Order
    series: Series
    patient: Patient
    window: DueWindow
    given: int
    last_on: date
    touch: RecallTouch | None
    touched_by: str
    contact_at: datetime | None
    advice: BoosterAdvice | None
    advised_by: str
    reorder: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the recall list; `counts` by what can be shown."""

    rows: Sequence[Recall]
    counts: dict[Show, int]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Light:
    """What the order of the list needs, of every patient who may be on it."""

    order_id: UUID
    window: DueWindow
    given: int
    last_on: date


def recall(site_id: UUID, *, today: date, show: Show = Show.DUE, page: int = 1) -> Listed:
    """A page of those whose next booster is due at a site, the soonest first. As many queries for many as for few.

    `DUE`: the window opens within two weeks, the first of the pair is booked, or a provider suggests sooner. Left
    out: whose order is over, and who has a time booked already that is not the first of a pair.
    """
    everybody = sorted(_scan(site_id, today), key=lambda one: (one.window.target, one.order_id))
    hurried = _hurried([one.order_id for one in everybody]) if everybody else frozenset()
    parts = {
        Show.DUE: [one for one in everybody if _is_due(one.window, today) or one.order_id in hurried],
        Show.OVERDUE: [one for one in everybody if one.window.is_overdue],
        Show.ALL: everybody,
    }
    chosen = parts[show]
    pages = max(-(-len(chosen) // PER_PAGE), 1)
    page = min(max(page, 1), pages)
    rows = _filled(chosen[(page - 1) * PER_PAGE : page * PER_PAGE], today)
    return Listed(rows, {part: len(found) for part, found in parts.items()}, page, pages)


def due_soonest(site_id: UUID, *, today: date, limit: int) -> list[Due]:
    """The first few of the list as the rail beside the day shows them."""
    first = sorted(_scan(site_id, today), key=lambda one: (one.window.target, one.order_id))[:limit]
    return [Due(one.series, one.patient, [one.window]) for one in _filled(first, today)]


def recalled(order_id: UUID, today: date) -> Recall | None:
    """One order as the list would show it; None where no booster is due on it."""
    rows = _scan(None, today, order_id)
    return _filled(rows, today)[0] if rows else None


def touches_of(order_id: UUID) -> list[tuple[RecallTouch, str]]:
    """Every try of the desk on an order and who made it, the newest first."""
    rows = select(RecallTouch, Account.name).join(Account, Account.id == RecallTouch.by_id)
    mine = rows.where(RecallTouch.order_id == order_id).order_by(RecallTouch.at.desc(), RecallTouch.id.desc())
    return [(row, name) for row, name in current_session().execute(mine)]


def _scan(site_id: UUID | None, today: date, order_id: UUID | None = None) -> list[_Light]:
    """Everybody whose next booster is due, in one query of plain columns: regimes are few and read once each."""
    is_given, is_expected = Appointment.status == Status.FULFILLED, Appointment.status.in_(EXPECTED)
    columns = (
        Order.id,
        Order.expires_on,
        cast(Order.booster_regime, Text),
        func.sum(case((and_(is_given, Appointment.kind == BOOSTER), 1), else_=0)),
        func.max(case((is_given, Appointment.on_date))),
        func.sum(case((is_expected, 1), else_=0)),
        func.max(case((is_expected, Appointment.on_date))),
    )
    rows = (
        select(*columns)
        .select_from(Series)
        .join(Order, Order.id == Series.order_id)
        .join(Appointment, Appointment.order_id == Order.id)
        .where(Series.status == SeriesStatus.COMPLETED, Order.status.in_(LIVE_ORDER), Order.expires_on >= today)
        .group_by(Order.id)
    )
    rows = rows.where(Series.site_id == site_id) if site_id is not None else rows
    rows = rows.where(Order.id == order_id) if order_id is not None else rows
    regimes: dict[tuple[str, date], Regime] = {}
    found = []
    for key, expires_on, raw, given, last_on, expected, expected_on in current_session().execute(rows):
        if last_on is None:
            continue
        regime = regimes.get((raw, expires_on))
        if regime is None:
            regime = regimes[raw, expires_on] = regime_from_json(json.loads(raw), expires_on)
        window = window_after(regime, given, last_on, [expected_on] * expected, today)
        if window is not None:
            found.append(_Light(key, window, given, last_on))
    return found


def _is_due(window: DueWindow, today: date) -> bool:
    return window.earliest - AHEAD <= today or window.pair == SECOND_OF_PAIR


def _hurried(order_ids: Sequence[UUID]) -> frozenset[UUID]:
    """The orders on which a provider suggests something sooner than the window."""
    rows = select(BoosterAdvice.order_id).where(
        BoosterAdvice.ended_at.is_(None), BoosterAdvice.advice.in_((Advice.SOONER, Advice.REVIEW))
    )
    return frozenset(current_session().scalars(rows)) & frozenset(order_ids)


def _filled(chosen: Sequence[_Light], today: date) -> list[Recall]:
    """Rows with patients, tries, contacts and suggestions: a query each, for one page."""
    ids = [one.order_id for one in chosen]
    if not ids:
        return []
    session = current_session()
    people = (
        select(Order, Series, Patient, Site.timezone)
        .join(Series, Series.order_id == Order.id)
        .join(Patient, Patient.id == Order.patient_id)
        .join(Site, Site.id == Series.site_id)
        .where(Order.id.in_(ids), Series.status == SeriesStatus.COMPLETED)
    )
    known = {row[0].id: row for row in session.execute(people)}
    tries = _last_tries(ids)
    advice = {row.order_id: (row, name) for row, name in session.execute(_standing(ids))}
    contacts = _last_contacts(patient.id for _, _, patient, _ in known.values())
    found = []
    for one in chosen:
        order, series, patient, zone = known[one.order_id]
        touch, touched_by = tries.get(order.id, (None, ""))
        said, advised_by = advice.get(order.id, (None, ""))
        said = standing(said, one.last_on, zone)
        regime = regime_from_json(order.booster_regime, order.expires_on)
        found.append(
            Recall(
                order=order,
                series=series,
                patient=patient,
                window=advised(one.window, said, today),
                given=one.given,
                last_on=one.last_on,
                touch=touch,
                touched_by=touched_by,
                contact_at=contacts.get(patient.id),
                advice=said,
                advised_by=advised_by,
                reorder=reorder_words(one.given, regime, today),
            )
        )
    return found


def _standing(order_ids: Sequence[UUID]) -> Any:
    rows = select(BoosterAdvice, Account.name).join(Account, Account.id == BoosterAdvice.by_id)
    return rows.where(BoosterAdvice.order_id.in_(order_ids), BoosterAdvice.ended_at.is_(None))


def _last_tries(order_ids: Sequence[UUID]) -> dict[UUID, tuple[RecallTouch, str]]:
    """The last try on each order."""
    rows = select(RecallTouch, Account.name).join(Account, Account.id == RecallTouch.by_id)
    mine = rows.where(RecallTouch.order_id.in_(order_ids)).order_by(RecallTouch.at, RecallTouch.id)
    return {row.order_id: (row, name) for row, name in current_session().execute(mine)}


def _last_contacts(patient_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    rows = select(Contact.patient_id, func.max(Contact.at)).where(Contact.patient_id.in_(list(patient_ids)))
    return {key: at for key, at in current_session().execute(rows.group_by(Contact.patient_id))}
