"""What the clinic needs on paper when its computers are down: today and tomorrow of each site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from intake.domain import clinic_time
from intake.domain.dosing import dose_for
from intake.domain.phones import phone_words
from intake.domain.statuses import LIVE
from intake.extensions import current_session
from intake.models.messages import WorkerBeat
from intake.models.orders import Order
from intake.models.people import Account
from intake.models.scores import ScreeningAnswer
from intake.models.sites import SessionKind, Site
from intake.queries import appointments, sites

BEAT = "downtime-pack"
DAYS = 2
KETAMINE_REACTION = "E02"
"""The only question on allergies that the house asks: a reaction to ketamine or esketamine. The rest is on paper."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the appointments of all sites name, read once."""

    orders: dict[UUID, Order]
    people: dict[UUID, str]
    kinds: dict[str, str]
    reactions: dict[UUID, str]


def pack(now: datetime) -> Row:
    """Everything of a downtime pack as plain values: the clinic, and each site with its two days."""
    clinic = sites.clinic()
    days = [(site, day, _visits(site, day)) for site in sites.all_sites() for day in _days(site, now)]
    known = _known([visit for _, _, visits in days for visit in visits])
    by_site: dict[str, Row] = {}
    for site, day, visits in days:
        entry = by_site.setdefault(site.name, _site(site, now))
        rows = [_row(visit, known) for visit in visits]
        entry["days"].append({"date": day.isoformat(), "words": clinic_time.day_words(day), "visits": rows})
    return {"made_at": now.isoformat(), "clinic": clinic.name, "phone": clinic.phone, "sites": list(by_site.values())}


def written_at() -> datetime | None:
    """When any worker last wrote a pack."""
    return current_session().scalar(select(func.max(WorkerBeat.at)).where(WorkerBeat.name == BEAT))


def _site(site: Site, now: datetime) -> Row:
    minutes = clinic_time.minutes_of_day(now, site.timezone)
    as_of = f"{clinic_time.day_words(clinic_time.local_day(now, site.timezone))}, {clinic_time.clock_words(minutes)}"
    return {"name": site.name, "phone": site.phone, "zone": site.timezone, "as_of": as_of, "days": []}


def _days(site: Site, now: datetime) -> list[date]:
    today = clinic_time.local_day(now, site.timezone)
    return [today + timedelta(days=number) for number in range(DAYS)]


def _visits(site: Site, day: date) -> list[appointments.Visit]:
    return [visit for visit in appointments.on_day(site.id, day) if visit.appointment.status in LIVE]


def _known(visits: Sequence[appointments.Visit]) -> _Known:
    rows = [visit.appointment for visit in visits]
    orders = _orders({row.order_id for row in rows if row.order_id})
    staff = {row.provider_id for row in rows if row.provider_id} | {order.signed_by for order in orders.values()}
    session = current_session()
    names = session.execute(select(Account.id, Account.name).where(Account.id.in_(staff))).all()
    kinds = session.execute(select(SessionKind.code, SessionKind.name)).all()
    return _Known(orders, dict(names), dict(kinds), _reactions({row.patient_id for row in rows}))


def _orders(order_ids: Collection[UUID]) -> dict[UUID, Order]:
    rows = select(Order).where(Order.id.in_(order_ids))
    return {order.id: order for order in current_session().scalars(rows)}


def _reactions(patient_ids: Collection[UUID]) -> dict[UUID, str]:
    """What each patient answered last to the question on reactions to ketamine."""
    rows = select(ScreeningAnswer).where(
        ScreeningAnswer.patient_id.in_(patient_ids), ScreeningAnswer.question == KETAMINE_REACTION
    )
    found: defaultdict[UUID, str] = defaultdict(str)
    for answer in current_session().scalars(rows.order_by(ScreeningAnswer.id)):
        found[answer.patient_id] = answer.answer or ""
    return found


def _row(visit: appointments.Visit, known: _Known) -> Row:
    row = visit.appointment
    start = clinic_time.minutes_of_day(row.starts_at, visit.zone)
    end = clinic_time.minutes_of_day(row.ends_at, visit.zone)
    return {
        "starts": clinic_time.format_clock(start),
        "ends": clinic_time.format_clock(end),
        "chair": row.chair.name if row.chair else "",
        "provider": known.people.get(row.provider_id, "") if row.provider_id else "",
        "kind": known.kinds.get(row.kind, row.kind),
        "number": row.number,
        "of": visit.infusions if row.number else None,
        "status": row.status.value,
        "needs_driver": row.tentative,
        "awaits_response": row.awaits_response,
        "patient": _patient(row),
        "order": _order(known.orders[row.order_id], known) if row.order_id else None,
        "ketamine_reaction": known.reactions.get(row.patient_id, ""),
    }


def _patient(row: Any) -> Row:
    patient = row.patient
    return {
        "name": patient.full_name,
        "called": patient.called,
        "born_on": patient.born_on.isoformat(),
        "phone": phone_words(patient.phone) if patient.phone else "",
        "contact_person": patient.contact_person or "",
    }


def _order(order: Order, known: _Known) -> Row:
    dose = dose_for(order.dose_mg_per_kg, order.weight_kg)
    conditions = sorted(order.conditions, key=lambda one: one.id)  # in the order in which they were written
    return {
        "protocol": order.protocol.name,
        "version": order.protocol.version,
        "status": order.status.value,
        "mg_per_kg": dose.mg_per_kg,
        "weight_kg": dose.weight_kg,
        "mg": dose.mg,
        "dose": dose.in_words(),
        "infusions": order.infusions,
        "expires_on": order.expires_on.isoformat(),
        "signed_by": known.people.get(order.signed_by, ""),
        "signed_on": order.signed_at.date().isoformat(),
        "conditions": [{"text": one.text or "", "met": one.met_at is not None} for one in conditions],
    }
