"""Finding a patient, and what the desk knows of one: never why they come."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.desk import bp
from intake.desk.patient_presenter import present_found, present_patient
from intake.queries import patient_search
from intake.services import audit
from intake.web import access

LONGEST = 80


@bp.route("/patients", methods=["GET", "POST"])
def find() -> ResponseReturnValue:
    """Find by name, birth date or telephone. What is typed is posted, so that no address keeps it."""
    typed = request.form.get("find", "").replace("\x00", "").strip()[:LONGEST]
    if not typed:
        return render_template("desk/find.html", typed="", found=None)
    search = patient_search.find(typed)
    if len(search.patients) == 1:
        return redirect(url_for("desk.patient", patient_id=search.patients[0].id))
    found = [present_found(row) for row in search.patients]
    audit.record_search(current_user.id, found=[row.id for row in search.patients], now=access.now())
    return render_template("desk/find.html", typed=typed, found=found, was_cut=search.was_cut)


@bp.get("/patients/<uuid:patient_id>")
def patient(patient_id: UUID) -> ResponseReturnValue:
    """Name, telephone, appointments, series, and what is waited for."""
    patient_search.patient(patient_id)  # nobody: a 404 before anything is noted
    audit.record_view(current_user.id, patient_id, what="desk", now=access.now())
    row = patient_search.patient(patient_id)
    return render_template("desk/patient.html", patient=present_patient(row, access.now()))
