"""The JSON form of a history, read strictly and answered. The form itself: history-format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.domain.errors import DomainError
from intake.domain.history.entry_errors import refuse_entry_errors
from intake.domain.history.formulary import find
from intake.domain.history.partial_dates import PartialDate, read
from intake.domain.history.resistance import Assessment, assess
from intake.domain.history.trials import (
    Adherence,
    DoseSegment,
    Episode,
    Improvement,
    Judgement,
    MedicationTrial,
    Settings,
    StopReason,
)
from intake.domain.json_fields import Fields

_HISTORY_KEYS = frozenset({"as_of", "settings", "bipolar", "trials"})
_SETTINGS_KEYS = frozenset({"min_weeks_antidepressant", "min_weeks_augmentation", "failure_below_percent"})
_TRIAL_KEYS = frozenset(
    {
        "id",
        "treatment",
        "episode",
        "added_to",
        "adherence",
        "improvement",
        "wore_off",
        "stop_reason",
        "sessions",
        "doses",
    }
)
_DOSE_KEYS = frozenset({"mg_per_day", "weeks", "about_weeks", "from", "to"})
_JSON_KEYS = {"start": "from", "stop": "to"}
_FAILURE_LIMITS = (25, 50)
NOT_VERIFIED = "not verified: clinic to confirm"


@dataclass(frozen=True, slots=True)
class History:
    """A history as read."""

    as_of: date
    settings: Settings
    is_bipolar: bool
    trials: tuple[MedicationTrial, ...]


def read_history(document: object) -> History:
    """Read a parsed JSON history. Raises `DomainError` with one line that names the trial, the key and why."""
    fields = Fields(document, "history", allowed=_HISTORY_KEYS, required=("as_of", "trials"))
    as_of = _full_date(fields, "as_of")
    settings = _settings(fields.raw("settings", {}))
    trials = tuple(_trial(item, place, as_of) for place, item in enumerate(fields.items("trials"), 1))
    _refuse_wrong_ids(trials)
    return History(as_of, settings, fields.flag("bipolar"), trials)


def answer(document: object) -> dict[str, Any]:
    """The answer to a parsed JSON history, in the output form of history-format."""
    history = read_history(document)
    found = assess(history.trials, history.settings, as_of=history.as_of, is_bipolar=history.is_bipolar)
    return _written(found)


def _written(found: Assessment) -> dict[str, Any]:
    return {
        "rules_version": found.rules_version,
        "trials": [_written_judgement(judgement) for judgement in found.judgements],
        "counts": found.counts.as_dict(),
        "overlaps": [list(pair) for pair in found.overlaps],
        "statement": found.statement.value,
        "statement_text": _statement_text(found),
        "bipolar_note": found.is_bipolar,
    }


def _statement_text(found: Assessment) -> str:
    """The statement, the questions that would change it, flags, the rule, and what the clinic has to confirm."""
    parts = [found.statement_text]
    if asked := found.deciding_questions:
        parts.append("To ask: " + " ".join(f"{question.name}: {question.text}" for question in asked))
    parts += [relation.in_words() for relation in found.relations]
    parts.append(f"Rule: {found.settings.in_words()}, augmentation {found.settings.min_weeks_augmentation:g} weeks")
    if not found.is_verified:
        parts.append(NOT_VERIFIED.capitalize())
    return ". ".join(part.removesuffix(".") for part in parts)


def _written_judgement(judgement: Judgement) -> dict[str, Any]:
    weeks = judgement.weeks_at_dose
    longest = None if weeks is None or weeks.longest is None else round(weeks.longest, 1)
    return {
        "id": judgement.trial_id,
        "treatment": judgement.name,
        "verdict": judgement.verdict.value,
        "weeks_at_dose": None if weeks is None else [round(weeks.shortest, 1), longest],
        "reason": _reason(judgement),
        "question": judgement.question,
    }


def _reason(judgement: Judgement) -> str:
    parts = [judgement.reason]
    if judgement.adequate_on:
        parts.append(f"long enough on {judgement.adequate_on}, if it goes on")
    if judgement.treatment and judgement.treatment.is_rated and not judgement.is_verified:
        parts.append(NOT_VERIFIED)
    return "; ".join(parts)


def _full_date(fields: Fields, key: str) -> date:
    when = _date(fields, key)
    if when is None or len(when.text) != len("2019-04-03") or not when.is_exact:
        fields.refuse(key, "not a full date")
    return when.earliest


def _settings(value: object) -> Settings:
    fields = Fields(value, "settings", allowed=_SETTINGS_KEYS)
    default = Settings()
    limit = fields.raw("failure_below_percent", default.failure_below_percent)
    if isinstance(limit, bool) or limit not in _FAILURE_LIMITS:
        fields.refuse("failure_below_percent", "neither 25 nor 50")
    return Settings(
        min_weeks_antidepressant=fields.positive("min_weeks_antidepressant") or default.min_weeks_antidepressant,
        min_weeks_augmentation=fields.positive("min_weeks_augmentation") or default.min_weeks_augmentation,
        failure_below_percent=25 if limit == 25 else 50,
    )


def _trial(item: object, place: int, as_of: date) -> MedicationTrial:
    name = item.get("id") if isinstance(item, dict) else None
    where = f"trial {name}" if isinstance(name, str) else f"trial number {place}"
    fields = Fields(item, where, allowed=_TRIAL_KEYS, required=("id", "treatment", "doses"))
    doses = fields.items("doses")
    if not doses:
        fields.refuse("doses", "needs at least one")
    trial = MedicationTrial(
        id=fields.text("id"),
        treatment=fields.text("treatment"),
        doses=tuple(_dose(dose, f"{where}, doses[{n}]") for n, dose in enumerate(doses)),
        episode=fields.choice("episode", Episode, Episode.CURRENT),
        added_to=fields.text("added_to") if fields.has("added_to") else None,
        adherence=fields.choice("adherence", Adherence, Adherence.UNSURE),
        improvement=fields.choice("improvement", Improvement, Improvement.UNKNOWN),
        wore_off=fields.flag("wore_off"),
        stop_reason=fields.choice("stop_reason", StopReason, StopReason.UNKNOWN),
        sessions=_sessions(fields),
    )
    _refuse_untrue(trial, where, as_of)
    return trial


def _refuse_untrue(trial: MedicationTrial, where: str, as_of: date) -> None:
    try:
        refuse_entry_errors(trial, find(trial.treatment), as_of=as_of)
    except DomainError as error:
        _, place, name = (error.field or "doses-0-").split("-", 2)
        raise DomainError(f"{where}, doses[{place}].{_JSON_KEYS.get(name, name)}: {error.message}") from None


def _dose(item: object, where: str) -> DoseSegment:
    fields = Fields(item, where, allowed=_DOSE_KEYS)
    is_ongoing = fields.raw("to") == "now"
    segment = DoseSegment(
        mg_per_day=fields.positive("mg_per_day", allows_null=True),
        start=_date(fields, "from"),
        stop=None if is_ongoing else _date(fields, "to"),
        is_ongoing=is_ongoing,
        weeks=fields.positive("weeks"),
        about_weeks=fields.positive("about_weeks"),
    )
    kinds = (segment.weeks is not None, segment.about_weeks is not None, fields.has("from") or fields.has("to"))
    if sum(kinds) > 1:
        fields.refuse("weeks" if segment.weeks else "about_weeks", "more than one kind of time in one dose")
    return segment


def _date(fields: Fields, key: str) -> PartialDate | None:
    value = fields.raw(key)
    if value is None:
        return None
    try:
        return read(value if isinstance(value, str) else "")
    except DomainError:
        fields.refuse(key, "not a date that can be read")


def _sessions(fields: Fields) -> int | None:
    value = fields.raw("sessions")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != value // 1:
        fields.refuse("sessions", "not a whole number from 0")
    return int(value)


def _refuse_wrong_ids(trials: tuple[MedicationTrial, ...]) -> None:
    ids: set[str] = set()
    for trial in trials:
        if trial.id in ids:
            raise DomainError(f"trial {trial.id}, id: stands twice")
        ids.add(trial.id)
    for trial in trials:
        if trial.added_to is not None and (trial.added_to == trial.id or trial.added_to not in ids):
            raise DomainError(f"trial {trial.id}, added_to: names no other trial")
