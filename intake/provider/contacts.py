"""Recording a contact with a patient, or a try."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.provider import bp, words
from intake.provider.effect import when_it_may
from intake.provider.forms import ContactForm
from intake.provider.opening import open_chart
from intake.services import contacts
from intake.web.access import needs, now


@bp.route("/patients/<uuid:patient_id>/contacts/new", methods=["GET", "POST"])
@needs(Permission.RECORD_CONTACT)
def record_contact(patient_id: UUID) -> ResponseReturnValue:
    """A contact or a try; a decision that waits for it may take effect with it."""
    chart = open_chart(patient_id)
    zone = chart.site.timezone
    form = ContactForm()
    form.show_fresh()
    form.show_now(now(), zone)
    if form.validate_on_submit():
        try:
            entry = form.to_contact(zone)
            waits = contacts.record(patient_id, entry, request_key=form.key, actor_id=current_user.id, now=now())
        except DomainError as error:
            form.blame(error)
        else:
            flash("The contact is recorded.", "success")
            if waits:
                flash(waits, "caution")
            return redirect(url_for("provider.chart", patient_id=patient_id))
    waiting = when_it_may(chart, now())
    page = render_template("provider/contact.html", form=form, chart=chart, words=words, waiting=waiting)
    return page, (422 if form.errors else 200)
