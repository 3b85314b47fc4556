"""What the page of one series shows, read and planned in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import render_template, url_for

from intake.desk.forms import WishesForm
from intake.desk.series_presenter import (
    NUMBERS,
    present_infeasible,
    present_plans,
    present_visits,
    present_window,
    slots_text,
)
from intake.domain import clinic_time
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.statuses import SeriesStatus
from intake.queries import appointments, orders, patient_search, series, sites
from intake.queries.appointments import SlotHold
from intake.queries.consultations import Patient
from intake.queries.orders import Order
from intake.queries.series import Series
from intake.queries.sites import Site
from intake.services import holds
from intake.services import series as booking
from intake.web import filters
from intake.web.sites import current_site


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """An order with its patient, its series so far, and the plans that can be had."""

    order: Order
    patient: Patient
    site: Site
    row: Series | None
    hold: SlotHold | None
    found: Plan | Infeasible | None
    obstacles: list[str]
    today: date
    now: datetime

    @property
    def wishes(self) -> dict[str, Any]:
        """What the patient said so far; before that, the dates that a provider noted."""
        if self.row is not None:
            return self.row.wishes
        away = [day.isoformat() for day in orders.away_of(self.order)]
        return {"unavailable_dates": away} if away else {}

    @property
    def name(self) -> str:
        """The patient's name as it is spoken."""
        return f"{self.patient.given_name} {self.patient.family_name}"

    @property
    def is_booked(self) -> bool:
        """Whether the infusions are booked."""
        return self.row is not None and self.row.status is not SeriesStatus.PROPOSED


def page_of(order_id: UUID, now: datetime, *, offer: object = None) -> SeriesPage:
    """Read and plan what the page shows; `offer` is a plan that was made already."""
    row = series.series_of_order(order_id)
    is_proposed = row is not None and row.status is SeriesStatus.PROPOSED
    found = offer if isinstance(offer, Plan | Infeasible) else None
    if found is None and is_proposed:
        found = booking.propose(order_id, now=now)
    order = orders.order(order_id)
    row = series.series_of_order(order_id)
    wanted = row.site_id if row else orders.site_wanted(order)
    site = sites.site(wanted) if wanted else current_site()
    today = clinic_time.local_day(now, site.timezone)
    return SeriesPage(
        order=order,
        patient=patient_search.patient(order.patient_id),
        site=site,
        row=row,
        hold=appointments.open_hold_of(order.patient_id, now) if is_proposed else None,
        found=found if is_proposed else None,
        obstacles=series.obstacles(order, [], today=today) if not row or is_proposed else [],
        today=today,
        now=now,
    )


def show(page: SeriesPage, form: WishesForm, *, problem: str = "", is_open: bool = False) -> str:
    """The page: the form, and beneath it plans, or what is booked."""
    common: dict[str, Any] = {
        "page": page,
        "form": form,
        "problem": problem,
        "page_error": problem,
        "six": NUMBERS.get(page.order.infusions, str(page.order.infusions)),
        "patient_url": url_for("desk.patient", patient_id=page.patient.id),
    }
    if page.is_booked and page.row is not None:
        return render_template("desk/series_booked.html", **common, **_booked(page, page.row))
    return render_template("desk/series.html", **common, **_planned(page), is_open=is_open or page.row is None)


def new_key() -> str:
    """A key for one button: each plan has its own, so that a second plan is never taken for a repeat of the first."""
    return str(uuid4())


def _planned(page: SeriesPage) -> dict[str, Any]:
    plans = present_plans(page.found, page.site, page.today) if isinstance(page.found, Plan) else None
    return {
        "plans": plans,
        "reasons": present_infeasible(page.found) if isinstance(page.found, Infeasible) else [],
        "held": _held(page.hold, page) if page.hold else None,
        "new_key": new_key,
    }


def _held(hold: SlotHold, page: SeriesPage) -> dict[str, Any]:
    """The places on hold and how long they stay, by the server's clock."""
    slots, zone = holds.slots_of(hold), page.site.timezone
    return {
        "id": hold.id,
        "until": filters.clock_at(hold.expires_at, zone),
        "seconds_left": int((hold.expires_at - page.now).total_seconds()),
        "times": [f"{clinic_time.day_words(slot.day)}, {clinic_time.clock_words(slot.start)}" for slot in slots],
        "slots": slots_text(slots),
    }


def _booked(page: SeriesPage, row: Series) -> dict[str, Any]:
    mine = [visit for visit in appointments.of_patient(page.patient.id) if visit.appointment.order_id == page.order.id]
    infusions = [visit for visit in mine if visit.appointment.series_id == row.id]
    faults = series.faults_of([visit.appointment for visit in infusions], page.order)
    windows = series.boosters_due(row, page.order, today=page.today)
    return {
        "infusions": present_visits(infusions),
        "can_replan": row.status is SeriesStatus.BOOKED,
        "boosters": present_visits([visit for visit in mine if visit not in infusions]),
        "faults": [fault.text for fault in faults],
        "windows": [present_window(window) for window in windows],
        "regime": page.order.booster_regime.get("name", ""),
    }
