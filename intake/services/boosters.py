"""Boosters: whether one may be booked, what a provider suggests, how the desk tried to reach somebody.

`refuse_untimely` and `obstacles` are shared steps: the caller has locked patient and order.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.domain.clinic_time import day_words, local_day
from intake.domain.errors import DomainError
from intake.domain.reviews import check_length
from intake.domain.roles import Permission
from intake.domain.scheduling.booster_signals import Advice
from intake.domain.scheduling.boosters import DueWindow, density_warning
from intake.domain.scheduling.protocols import booster_density
from intake.domain.scheduling.recalls import Touch, check_touch
from intake.domain.statuses import LIVE_ORDER, SeriesStatus
from intake.extensions import transaction
from intake.models.boosters import BoosterAdvice, RecallTouch
from intake.models.orders import Order
from intake.queries import boosters, series, sites
from intake.services import audit, permissions, placing
from intake.services.errors import SENT_BEFORE
from intake.services.retries import retried

logger = logging.getLogger("intake.boosters")
NOT_DUE = "No booster is due on this order."


def refuse_untimely(order: Order, today: date, day: date | None = None) -> None:
    """Raise unless a booster is due on this order, none is expected yet, and `day`, if given, lies in its window.

    The second of a pair may be booked while the first is expected. A provider's suggestion moves the window.
    """
    for sentence in obstacles(order, today):
        raise DomainError(sentence)
    window = boosters.next_window(order, today=today)
    if day is not None and window is not None:
        _refuse_day(window, day)


def refuse_outside(order: Order, today: date, day: date) -> None:
    """Raise unless `day` lies in a window of a booster that is booked or due next; without a window any day will do.

    For moving one: of a pair the first keeps its window, and the second the one reckoned from the first.
    """
    known = boosters.movable_windows(order, today=today)
    if known and not any(window.allows(day) for window in known):
        _refuse_day(known[0], day)


def _refuse_day(window: DueWindow, day: date) -> None:
    if window.allows(day):
        return
    if day < window.earliest:
        raise DomainError(f"Booster {window.number} is due from {day_words(window.earliest)} on.")
    raise DomainError(f"Booster {window.number} is due by {day_words(window.latest)}.")


def obstacles(order: Order, today: date) -> list[str]:
    """Why no booster can be booked on an order, whatever the date: its end and conditions, its limits, one booked."""
    found = series.obstacles(order, [], today=today)
    expected, known = series.expected_booster(order.id), series.series_of_order(order.id)
    if known is None or known.status is not SeriesStatus.COMPLETED:
        found.append("Boosters follow when all infusions of the series are done.")
    elif boosters.next_window(order, today=today) is None:
        if expected is not None:
            found.append(f"A booster is booked on this order already, on {day_words(expected.on_date)}.")
        else:
            found.append("No more boosters are due on this order. The provider can sign a new one.")
    return found


def density_words(order: Order, day: date) -> str:
    """What to say of a booster on that day beside the others of its order; it warns and never refuses."""
    first = boosters.first_infusion_on(order.id)
    if first is None:
        return ""
    return density_warning(day, boosters.booster_dates(order.id), first, booster_density())


@retried
def advise(
    order_id: UUID,
    advice: Advice | None,
    *,
    note: str = "",
    patient_id: UUID,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> None:
    """Tell the desk sooner, later or a review first, or take back what was said (None). The last word stands.

    `note` says why, for the chart; the desk never sees it. A repeat of the key changes nothing. Raises `DomainError`
    (something is suggested and no booster is due), and `NoResultFound` for an order of somebody else.
    """
    check_length(note, "note")
    with transaction() as session:
        permissions.check(session, actor_id, Permission.SIGN_ORDER)
        order = _own_order(session, order_id, patient_id)
        first = session.scalar(select(BoosterAdvice).where(BoosterAdvice.request_key == request_key))
        if first is not None:
            if first.order_id != order_id or first.advice is not advice:
                raise DomainError(SENT_BEFORE)
            return
        standing = (BoosterAdvice.order_id == order_id, BoosterAdvice.ended_at.is_(None))
        session.execute(update(BoosterAdvice).where(*standing).values(ended_at=now, ended_by=actor_id))
        if advice is not None:
            _refuse_not_due(order, now)
            row = BoosterAdvice(patient_id=order.patient_id, order_id=order_id, advice=advice, request_key=request_key)
            row.note, row.by_id, row.at = note.strip() or None, actor_id, now
            session.add(row)
        detail = {"advice": advice.value if advice else "none"}
        _note(session, order, "booster.advise", actor_id, now, detail)
    logger.info("booster_advised", extra={"order_id": order_id})


@retried
def touch(
    order_id: UUID,
    outcome: Touch,
    *,
    call_again_on: date | None,
    request_key: UUID,
    actor_id: UUID,
    now: datetime,
) -> UUID:
    """Keep what a try to reach somebody came to; returns the row. A repeat of the key answers with the first.

    Raises `DomainError` where no booster is due or for a day that is not to come, and `NoResultFound`.
    """
    with transaction() as session:
        permissions.check(session, actor_id, Permission.BOOK)
        order = _own_order(session, order_id, None)
        first = session.scalar(select(RecallTouch).where(RecallTouch.request_key == request_key))
        if first is not None:
            if first.order_id != order_id or first.outcome != outcome.value:
                raise DomainError(SENT_BEFORE)
            return first.id
        check_touch(outcome, call_again_on, _refuse_not_due(order, now))
        row = RecallTouch(patient_id=order.patient_id, order_id=order_id, outcome=outcome.value)
        row.call_again_on, row.request_key, row.by_id, row.at = call_again_on, request_key, actor_id, now
        session.add(row)
        _note(session, order, "booster.touch", actor_id, now, {"outcome": outcome.value})
        return row.id


def _own_order(session: Session, order_id: UUID, patient_id: UUID | None) -> Order:
    """An order behind its patient's lock, so that two suggestions never cross."""
    rows = select(Order).where(Order.id == order_id)
    rows = rows.where(Order.patient_id == patient_id) if patient_id is not None else rows
    order = session.scalars(rows).one()
    placing.lock_patient(session, order.patient_id)
    return order


def _refuse_not_due(order: Order, now: datetime) -> date:
    """Today at the site of a series after which a booster is due next; raises for every other order."""
    known = series.series_of_order(order.id)
    if known is None or known.status is not SeriesStatus.COMPLETED:
        raise DomainError(NOT_DUE)
    today = local_day(now, sites.timezone_of(known.site_id))
    if order.status not in LIVE_ORDER or order.expires_on < today:
        raise DomainError("This order is no longer in force. Sign a new one first.")
    if boosters.next_window(order, today=today) is None:
        raise DomainError(NOT_DUE)
    return today


def _note(session: Session, order: Order, action: str, actor_id: UUID, now: datetime, detail: dict[str, str]) -> None:
    audit.add(
        session,
        actor_id=actor_id,
        action=action,
        subject=("treatment_order", order.id),
        now=now,
        patient_id=order.patient_id,
        detail=detail,
    )
