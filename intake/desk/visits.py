"""Booking a visit that needs no order: the days with what is free, then the times of one day, then one press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.desk import bp
from intake.desk.forms import VisitForm
from intake.desk.moves import read_key
from intake.desk.series_presenter import YEARS, read_slots, slots_text
from intake.domain import clinic_time
from intake.domain.closings import FARTHEST_DAYS
from intake.domain.errors import DomainError
from intake.domain.scheduling.values import Slot
from intake.queries import patient_search, visit_times
from intake.queries.sites import Site
from intake.queries.visit_times import DayTimes, Provider, SessionKind
from intake.services import appointments as booking
from intake.services import audit
from intake.services.appointments import NewAppointment
from intake.web import access
from intake.web.sites import current_site

DAYS_SHOWN = 30
EVERY, FEW = 30, 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be booked: the kind, who holds it, and the day that is looked at (none: the days from `first` on)."""

    kind: SessionKind
    provider: Provider | None
    first: date
    day: date | None
    kinds: list[SessionKind]
    providers: list[Provider]

    @property
    def provider_id(self) -> UUID | None:
        """Who holds the visit; None for a kind that nobody need hold in person."""
        return self.provider.id if self.provider else None

    def address(self, patient_id: UUID, *, day: date | None = None, first: date | None = None) -> str:
        """The page of a day, or of the days from another one on; nothing of the patient but the key stands in it."""
        return url_for(
            "desk.visit_times_of",
            patient_id=patient_id,
            kind=self.kind.code,
            provider=self.provider_id,
            day=day,
            first=None if day else first,
        )


@bp.get("/patients/<uuid:patient_id>/visit")
def visit_times_of(patient_id: UUID) -> ResponseReturnValue:
    """The days with their free times; of a chosen day the times themselves."""
    patient_search.patient(patient_id)  # nobody: a 404 before anything is noted
    audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    form = VisitForm()
    form.request_key.data = str(uuid4())
    return render_template("desk/visit.html", form=form, **shown(patient_id))


@bp.post("/patients/<uuid:patient_id>/visit")
def book_visit(patient_id: UUID) -> ResponseReturnValue:
    """Book the chosen time; a refusal shows what is free instead."""
    patient_search.patient(patient_id)
    form = VisitForm()
    if read_day("day") is None:  # a page of ours shows times for one day only
        abort(400)
    if form.validate_on_submit():
        try:
            booked_id = book(patient_id, form)
        except DomainError as error:
            form.blame(error)
        else:
            flash("Booked. A confirmation is on its way.", "success")
            return redirect(url_for("desk.appointment", appointment_id=booked_id))
    return render_template("desk/visit.html", form=form, **shown(patient_id)), 422


def book(patient_id: UUID, form: VisitForm) -> UUID:
    """Book the chosen time at the site that the desk works in."""
    slots, site = read_slots(form.slot.data or ""), current_site()
    if len(slots) != 1:
        abort(400)
    asked = asked_for(site)
    wanted = NewAppointment(patient_id, site.id, asked.kind.code, slots[0], provider_id=asked.provider_id)
    key = read_key(form.request_key.data)
    return booking.book(wanted, request_key=key, actor_id=current_user.id, now=access.now())


def shown(patient_id: UUID) -> dict[str, Any]:
    """Everything on the page, read anew: after a refusal other times are free."""
    site, now = current_site(), access.now()
    asked, today = asked_for(site), clinic_time.local_day(now, site.timezone)
    first, days = (asked.day, 1) if asked.day else (asked.first, DAYS_SHOWN)
    found = visit_times.times(patient_id, site, asked.kind, asked.provider_id, first, days, now=now)
    earlier = max(asked.first - timedelta(days=DAYS_SHOWN), today)
    return {
        "patient": patient_search.patient(patient_id),
        "site_name": site.name,
        "asked": asked,
        "day": present_day(found[0]) if asked.day else None,
        "days": [] if asked.day else [present_in_list(one, asked, patient_id) for one in found if one.slots],
        "all_days_url": asked.address(patient_id, first=first),
        "earlier_url": asked.address(patient_id, first=earlier) if earlier < asked.first else None,
        "later_url": asked.address(patient_id, first=asked.first + timedelta(days=DAYS_SHOWN)),
        "last": first + timedelta(days=DAYS_SHOWN - 1),
    }


def asked_for(site: Site) -> Asked:
    """What the address asks for; what it leaves out or gets wrong counts as the first there is, and today."""
    kinds, providers = visit_times.kinds(), visit_times.providers()
    if not kinds:
        abort(404)
    kind = next((one for one in kinds if one.code == request.args.get("kind")), kinds[0])
    by_key = {str(one.id): one for one in providers}
    provider = by_key.get(request.args.get("provider", ""), providers[0] if providers else None)
    today = clinic_time.local_day(access.now(), site.timezone)
    return Asked(
        kind,
        provider if kind.needs_provider else None,
        max(read_day("first") or today, today),
        day if (day := read_day("day")) and day >= today else None,
        kinds,
        providers,
    )


def read_day(name: str) -> date | None:
    """A date in the address; one that is none, or lies far off, counts as left out."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if day.year in YEARS and (day - access.now().date()).days <= FARTHEST_DAYS else None


def present_in_list(one: DayTimes, asked: Asked, patient_id: UUID) -> dict[str, Any]:
    """A day among others: how many times, and the first and last of them."""
    kept = worth_showing(one)
    return {
        "url": asked.address(patient_id, day=one.day),
        "day": one.day,
        "count": len(kept),
        "first": clinic_time.clock_words(kept[0].start),
        "last": clinic_time.clock_words(kept[-1].start),
    }


def worth_showing(one: DayTimes) -> list[Slot]:
    """The free times of a day half an hour apart; all of them where they are few."""
    return [slot for slot in one.slots if len(one.slots) <= FEW or slot.start % EVERY == 0] or list(one.slots)


def present_day(one: DayTimes) -> dict[str, Any]:
    """The times of a day to choose from."""
    return {
        "day": one.day,
        "times": [
            {"value": slots_text([slot]), "time": clinic_time.clock_words(slot.start), "chair": slot.chair}
            for slot in worth_showing(one)
        ],
    }
