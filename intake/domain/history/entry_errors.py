"""What cannot be true of a trial, whoever typed it: refused before anything is judged."""

from __future__ import annotations

from datetime import date

from intake.domain.errors import DomainError
from intake.domain.history.formulary import Treatment
from intake.domain.history.trials import DoseSegment, MedicationTrial
from intake.domain.history.weeks import Span, spans_of

REFUSE_ABOVE_TIMES_MAXIMUM = 20
IN_FUTURE = "Enter a date that is not in the future"


def refuse_entry_errors(trial: MedicationTrial, treatment: Treatment | None, *, as_of: date) -> None:
    """Raise `DomainError` for a dose above 20 times the usual maximum, a figure not above 0, a date after `as_of`,
    a stop before its start in every reading, or doses out of order.

    `field` is `doses-0-start`, `doses-0-stop`, `doses-0-mg_per_day`, `doses-0-weeks` or `doses-0-about_weeks`.
    """
    for place, segment in enumerate(trial.doses):
        _refuse_amounts(segment, place, treatment)
        _refuse_dates(segment, place, as_of)
    if len(trial.doses) > 1:
        _refuse_disorder(trial, as_of)


def _refuse_amounts(segment: DoseSegment, place: int, treatment: Treatment | None) -> None:
    dose = segment.mg_per_day
    for name, amount in (("mg_per_day", dose), ("weeks", segment.weeks), ("about_weeks", segment.about_weeks)):
        if amount is not None and amount <= 0:
            raise DomainError("Enter a number above 0", field=f"doses-{place}-{name}")
    if dose is not None and treatment and treatment.is_above_maximum(dose, times=REFUSE_ABOVE_TIMES_MAXIMUM):
        sentence = f"Check the dose: it is more than {REFUSE_ABOVE_TIMES_MAXIMUM} times the usual maximum"
        raise DomainError(sentence, field=f"doses-{place}-mg_per_day")


def _refuse_dates(segment: DoseSegment, place: int, as_of: date) -> None:
    start, stop = segment.start, segment.stop
    if start is not None and start.earliest > as_of:
        raise DomainError(IN_FUTURE, field=f"doses-{place}-start")
    if stop is not None and stop.earliest > as_of:
        raise DomainError(IN_FUTURE, field=f"doses-{place}-stop")
    if start is not None and stop is not None and start.earliest > stop.latest:
        raise DomainError("Enter a stop that is not before its start", field=f"doses-{place}-stop")


def _refuse_disorder(trial: MedicationTrial, as_of: date) -> None:
    before: Span | None = None
    for place, span in enumerate(spans_of(trial, as_of=as_of)):
        if span is None:
            continue
        if before is not None:
            _refuse_earlier(before, span, place)
        if span.has_a_date:
            before = span


def _refuse_earlier(before: Span, span: Span, place: int) -> None:
    if span.start_high < before.start_low:
        raise DomainError(
            "List the doses in order: this one starts before the one above it", field=f"doses-{place}-start"
        )
    if span.stop_high < before.stop_low:
        raise DomainError(
            "List the doses in order: this one stops before the one above it", field=f"doses-{place}-stop"
        )
