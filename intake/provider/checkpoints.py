"""The response check: whose is due, and one page with the change, the recall window and both impressions."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import RadioField
from wtforms.validators import InputRequired

from intake.domain.clinic_time import local_day
from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.checkpoints import CheckOutcome, Impression
from intake.domain.scheduling.protocols import recall_window_days
from intake.domain.screening import instruments
from intake.provider import bp, words
from intake.provider.fields import KeyForm, LongTextField
from intake.provider.forms import TOO_LONG, choices_of
from intake.provider.opening import back_to_chart, open_chart
from intake.queries import response_checks as reads
from intake.queries.courses import PHQ9
from intake.services import response_checks as acts
from intake.services.response_checks import CheckEntry
from intake.web.access import needs, now
from intake.web.sites import current_site

IMPRESSIONS = {
    Impression.MUCH_BETTER: "Much better",
    Impression.BETTER: "Better",
    Impression.SAME: "The same",
    Impression.WORSE: "Worse",
}
NOT_ASKED = "not-asked"
OUTCOMES = {
    CheckOutcome.RESPONSE: "There is a response: the rest goes ahead",
    CheckOutcome.GO_ON: "No clear response yet: the rest goes ahead all the same",
    CheckOutcome.ASK_AGAIN: "Leave the rest tentative and ask again after the next infusion",
}
COHORT = "In published cohorts half respond at six weeks, and more after ten infusions (Oliver 2022)."


class CheckForm(KeyForm):
    """What a provider found."""

    clinician_impression = RadioField(
        "Your impression, against before the series",
        [InputRequired("Choose your impression.")],
        choices=choices_of(IMPRESSIONS),
    )
    patient_impression = RadioField(
        "The patient's own impression",
        [InputRequired("Choose what the patient says.")],
        choices=choices_of({**IMPRESSIONS, NOT_ASKED: "Not asked"}),
    )
    note = LongTextField("Note", [TOO_LONG], description="For the chart only.")
    outcome = RadioField("What follows", [InputRequired("Choose what follows.")], choices=choices_of(OUTCOMES))

    def to_entry(self) -> CheckEntry:
        """The check as chosen."""
        said = self.patient_impression.data
        return CheckEntry(
            outcome=CheckOutcome(self.outcome.data),
            clinician_impression=Impression(self.clinician_impression.data),
            patient_impression=None if said == NOT_ASKED else Impression(said),
            note=self.note.data,
        )


@bp.get("/response-checks")
@needs(Permission.READ_CHART)
def response_checks() -> ResponseReturnValue:
    """Whose check is due, the longest first; no scores, which stand on the chart."""
    today = local_day(now(), current_site().timezone)
    return render_template("provider/checkpoints.html", due=reads.due(today))


@bp.get("/patients/<uuid:patient_id>/response-check")
@needs(Permission.SIGN_ORDER)
def find_response_check(patient_id: UUID) -> ResponseReturnValue:
    """From the chart to the check of the series that is under way."""
    open_chart(patient_id)
    series_id = reads.series_under_way(patient_id)
    if series_id is None:
        return back_to_chart(patient_id, "No series is booked, so there is nothing to check.", "caution")
    return redirect(url_for("provider.response_check", patient_id=patient_id, series_id=series_id))


@bp.route("/patients/<uuid:patient_id>/series/<uuid:series_id>/response-check", methods=["GET", "POST"])
@needs(Permission.SIGN_ORDER)
def response_check(patient_id: UUID, series_id: UUID) -> ResponseReturnValue:
    """Change, recall window and days elapsed beside both impressions; the rest is confirmed or stays tentative."""
    chart = open_chart(patient_id)
    form = CheckForm()
    form.show_fresh()
    case = reads.case_of(patient_id, series_id)
    if form.validate_on_submit():
        try:
            acts.record(
                patient_id, series_id, form.to_entry(), request_key=form.key, actor_id=current_user.id, now=now()
            )
        except DomainError as error:
            form.blame(error)
        else:
            return back_to_chart(patient_id, "The response check is recorded.")
        chart, case = open_chart(patient_id), reads.case_of(patient_id, series_id)
    page = render_template(
        "provider/checkpoint.html",
        form=form,
        chart=chart,
        case=case,
        facts=_facts(case),
        change=case.change,
        verdict=_verdict(case),
        recall=case.change.recall_words(recall_window_days()) if case.change else "",
        cohort=COHORT,
        impressions=IMPRESSIONS,
        outcomes=OUTCOMES,
        words=words,
        zone=case.zone,
    )
    return page, (422 if form.errors else 200)


def _facts(case: reads.Case) -> list[tuple[str, str]]:
    """How far the series has come."""
    if not case.done:
        return [("Infusions done", "none yet")]
    today = local_day(now(), case.zone)
    first, last = case.done[0].on_date, case.done[-1].on_date
    return [
        ("Infusions done", f"{len(case.done)} of {case.order.infusions}"),
        ("Days since the first", str((today - first).days)),
        ("Days since the last", str((today - last).days)),
        ("Still to come", str(len(case.coming))),
    ]


def _verdict(case: reads.Case) -> str:
    """What the change is called by the questionnaire's own limits."""
    if case.change is None:
        return ""
    instrument, change = instruments.load(PHQ9), case.change
    before, after = change.baseline.total or 0, change.latest.total or 0
    if instruments.is_response(instrument, before, after):
        return "a response"
    if instruments.is_partial_response(instrument, before, after):
        return "a partial response"
    return "worse" if change.points > 0 else "no response yet"
