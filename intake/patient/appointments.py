"""A patient's own appointments, on a page and as calendar files."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from intake.patient import bp
from intake.patient.visit import patient
from intake.queries import sites
from intake.queries.patient_appointments import OwnAppointment, one_of, share_a_zone, upcoming_of
from intake.services import calendar_files
from intake.web import access


@bp.get("/appointments")
def appointments() -> ResponseReturnValue:
    """What is booked, the next one first."""
    upcoming = upcoming_of(patient().id, access.now())
    return render_template("patient/appointments.html", appointments=upcoming, one_zone=share_a_zone(upcoming))


@bp.get("/appointments.ics")
def all_as_calendar() -> ResponseReturnValue:
    """All that is booked, as one calendar file."""
    me = patient()
    return _file(upcoming_of(me.id, access.now()), include_place=me.place_in_calendar)


@bp.get("/appointments/<uuid:appointment_id>.ics")
def one_as_calendar(appointment_id: UUID) -> ResponseReturnValue:
    """One booked time as a calendar file; 404 for somebody else's."""
    me = patient()
    return _file([one_of(me.id, appointment_id)], include_place=me.place_in_calendar)


def _file(appointments: Iterable[OwnAppointment], *, include_place: bool) -> Response:
    entries = [
        calendar_files.Entry(
            id=one.id,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            zone=one.zone,
            place=one.site_address or one.site_name,
            version=one.version,
            changed_at=one.booked_at,
        )
        for one in appointments
    ]
    content = calendar_files.build(entries, clinic=sites.clinic(), include_place=include_place)
    headers = {"Content-Disposition": 'attachment; filename="appointments.ics"'}
    return Response(content, mimetype="text/calendar", headers=headers)
