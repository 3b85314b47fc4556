"""Answers behind what is computed, in words: a trial as entered, a signed visit, PHQ-9 item by item."""

from __future__ import annotations

from datetime import datetime

from intake.domain.clinic_time import clock_words
from intake.domain.evaluation import AIRWAY_CLASSES, ASA_CLASSES, HeldAs, SuicideRisk, diagnosis_name
from intake.domain.form.medicine import FREQUENCIES
from intake.domain.screening.instruments import Answer, Item
from intake.provider.timeline import dose_words, unit_of
from intake.provider.words import ADHERENCES, EPISODES, HELD, IMPROVEMENTS, RISKS, STOP_REASONS
from intake.queries.charts import CurrentMedicine, Evaluation, ScoredForm
from intake.queries.findings import read_last_taken
from intake.queries.histories import JudgedTrial
from intake.web.filters import day_year, number, when

NOT_ANSWERED = "not answered"
TO_DISCUSS = "prefers to talk about it"


def trial_facts(one: JudgedTrial) -> list[str]:
    """What the patient entered about a trial, a line each."""
    trial = one.trial
    lines = [dose_words(dose, unit_of(one)) for dose in trial.doses]
    lines.append(f"Episode: {EPISODES[trial.episode]}")
    lines.append(f"Taken: {ADHERENCES[trial.adherence]}")
    lines.append(f"At best: {IMPROVEMENTS[trial.improvement]}{', then wore off' if trial.has_worn_off else ''}")
    lines.append(f"Stopped because: {STOP_REASONS[trial.stop_reason]}")
    if trial.sessions is not None:
        lines.append(f"Sessions: {trial.sessions}")
    if one.row.side_effects:
        lines.append(f"Side effects: {', '.join(one.row.side_effects)}")
    if one.row.note:
        lines.append(f"Note: {one.row.note}")
    return lines


def frequency_words(row: CurrentMedicine) -> str:
    """How often a medicine is taken."""
    words = FREQUENCIES.get(row.frequency, row.frequency)
    return words[:1].lower() + words[1:]


def last_taken_words(row: CurrentMedicine) -> str:
    """The day, or the moment, that a medicine was last taken; what cannot be read stands as typed."""
    at = read_last_taken(row.last_taken)
    if at is None:
        return row.last_taken or "not known"
    if isinstance(at, datetime):
        return f"{day_year(at.date())}, {clock_words(at.hour * 60 + at.minute)}"
    return day_year(at)


def visit_facts(visit: Evaluation, zone: str) -> list[tuple[str, str]]:
    """A signed visit as label and value."""
    height = f"{number(visit.height_cm)} cm" if visit.height_cm else "not measured"
    return [
        ("Held", f"{when(visit.held_at, zone)}, {HELD[HeldAs(visit.held_as)].lower()}"),
        ("Diagnosis", f"{visit.diagnosis} {diagnosis_name(visit.diagnosis)}"),
        ("ASA class", ASA_CLASSES[visit.asa_class]),
        ("Airway (Mallampati)", AIRWAY_CLASSES[visit.airway_class]),
        ("Weight", f"{number(visit.weight_kg)} kg"),
        ("Height", height),
        ("Blood pressure", f"{visit.systolic}/{visit.diastolic} mmHg"),
        ("Heart rate", f"{visit.heart_rate} a minute"),
        ("Oxygen saturation", f"{visit.spo2} %"),
        ("Prescription monitoring", when(visit.pdmp_checked_at, zone)),
        ("Risk of suicide, clinician's judgement", RISKS[SuicideRisk(visit.suicide_risk)]),
    ]


def item_rows(form: ScoredForm) -> list[tuple[str, str, str]]:
    """Each question with its answer in words and its points."""
    answers = form.row.answers
    return [
        (item.text, answer_words(item, answers.get(item.code)), _points(answers.get(item.code), item))
        for item in form.instrument.items
    ]


def safety_words(form: ScoredForm) -> str:
    """The safety item alone, with its points."""
    item = next(item for item in form.instrument.items if item.is_safety)
    answer = form.row.answers.get(item.code)
    points = _points(answer, item)
    return f"{answer_words(item, answer)}{f' ({points})' if points else ''}"


def answer_words(item: Item, answer: Answer) -> str:
    """One answer in the words of its instrument."""
    if answer is None:
        return NOT_ANSWERED
    return next((option.label for option in item.options if option.value == answer), TO_DISCUSS)


def _points(answer: Answer, item: Item) -> str:
    return str(answer) if isinstance(answer, int) and item.is_scored else ""
