"""The JSON form of a filled questionnaire, read strictly and answered. The form itself: docs/formats.md."""

from __future__ import annotations

from typing import Any

from intake.domain.errors import DomainError
from intake.domain.json_fields import Fields
from intake.domain.screening import criteria, safety
from intake.domain.screening.criteria import ClusterFound, Sex
from intake.domain.screening.instruments import Score, points_of, score
from intake.domain.screening.questionnaires import SHIPPED, Answer, Instrument, load
from intake.domain.screening.sources import key_of

LABEL = "screening score, no diagnosis"
NOT_VERIFIED = "not verified: clinic to confirm"
_KEYS = frozenset({"answers", "sex", "baseline"})


def answer(name: str, document: object) -> dict[str, Any]:
    """The answer to a parsed questionnaire. Raises `DomainError` with one line that names the key and why.

    `name` is a code or a title, case and punctuation free. `document` is an object with `answers` (an object by item
    or a list in the order of the items), `sex` and `baseline`, or the answers alone.
    """
    instrument = _named(name)
    is_whole = isinstance(document, dict) and "answers" in document
    fields = Fields(document if is_whole else {"answers": document}, instrument.code, allowed=_KEYS)
    answers = _answers(fields, instrument)
    sex = _sex(fields)
    try:
        found = score(instrument.code, answers)
        points = points_of(instrument, answers)
    except DomainError as error:
        raise DomainError(f"{instrument.code}, answers.{error.field}: {_why(instrument, error.field or '')}") from None
    return _written(instrument, found, points, sex) | {"change": _change(fields, instrument, found)}


def _named(name: str) -> Instrument:
    wanted = key_of(name)
    for code in SHIPPED:
        if wanted and wanted in (code, key_of(load(code).title)):
            return load(code)
    raise DomainError(f"name: no questionnaire {name!r}; there are {', '.join(SHIPPED)}")


def _answers(fields: Fields, instrument: Instrument) -> dict[str, Answer]:
    given = fields.raw("answers")
    if isinstance(given, list):
        codes = [item.code for item in instrument.items]
        if len(given) not in (len(instrument.scored), len(codes)):
            fields.refuse("answers", f"not {len(instrument.scored)} answers but {len(given)}")
        given = dict(zip(codes, given, strict=False))
    if not isinstance(given, dict):
        fields.refuse("answers", "neither an object nor a list")
    for key, value in given.items():
        if not (value is None or isinstance(value, int | str)):
            raise DomainError(f"{instrument.code}, answers.{key}: {_why(instrument, key)}")
    return given


def _why(instrument: Instrument, key: str) -> str:
    item = next((item for item in instrument.items if item.code == key), None)
    if item is None:
        return f"no item of this questionnaire; there are {', '.join(item.code for item in instrument.items)}"
    low, high = (item.number.lowest, item.number.highest) if item.number else _ends(item.options)
    return f"not a whole number from {low} to {high}" + (' nor "discuss"' if item.can_discuss else "")


def _ends(options: Any) -> tuple[int, int]:
    return options[0].value, options[-1].value


def _sex(fields: Fields) -> Sex | None:
    value = fields.raw("sex")
    if value is None:
        return None
    if not isinstance(value, str) or value not in set(Sex):
        fields.refuse("sex", f"not one of {', '.join(Sex)}")
    return Sex(value)


def _written(instrument: Instrument, found: Score, points: dict[str, Answer], sex: Sex | None) -> dict[str, Any]:
    clusters = criteria.clusters_of(instrument, points)
    depression = criteria.depression_of(instrument, points)
    notes = [found.note] if found.note else []
    return {
        "instrument": instrument.code,
        "title": instrument.title,
        "version": instrument.version,
        "label": LABEL,
        "score": found.value,
        "highest": instrument.highest_total // len(instrument.scored)
        if instrument.is_mean
        else instrument.highest_total,
        "band": found.band.label if found.band else None,
        "cut": criteria.cut_of(instrument, sex),
        "positive": criteria.is_positive(instrument, found.total, sex),
        "sum_of_answered": found.sum_of_answered,
        "missing": list(found.missing),
        "imputed": list(found.imputed),
        "clusters": [_written_cluster(one) for one in clusters],
        "provisional": criteria.is_provisional(clusters),
        "algorithm": depression.value if depression else None,
        "safety": _safety(instrument, found),
        "notes": notes + criteria.notes_of(instrument, points, found.total, sex),
        "source": instrument.source,
        "licence": instrument.licence,
        "not_verified": None if instrument.is_verified else NOT_VERIFIED,
    }


def _written_cluster(found: ClusterFound) -> dict[str, Any]:
    cluster = found.cluster
    return {"cluster": cluster.code, "counted": found.counted, "needed": cluster.needed, "met": found.is_met}


def _safety(instrument: Instrument, found: Score) -> dict[str, Any] | None:
    item = next((item for item in instrument.scored if item.is_safety), None)
    if item is None:
        return None
    decision = safety.decide(safety.SafetyAnswers(found.safety_answer))
    return {
        "item": item.code,
        "answer": found.safety_answer,
        "action": decision.action.value,
        "reason": decision.reason,
        "needs_contact": found.needs_contact,
        "note": "0 is no reassurance" if found.safety_answer == 0 else None,
        "rules_version": decision.rules_version,
        "not_verified": None if decision.is_verified else NOT_VERIFIED,
    }


def _change(fields: Fields, instrument: Instrument, found: Score) -> dict[str, Any] | None:
    baseline = fields.raw("baseline")
    if baseline is None:
        return None
    highest = 10 if instrument.is_mean else instrument.highest_total
    if isinstance(baseline, bool) or not isinstance(baseline, int | float) or not 0 <= baseline <= highest:
        fields.refuse("baseline", f"not a score from 0 to {highest}")
    if found.value is None:
        return None
    change = criteria.change_of(instrument, baseline, found.value)
    return {"points": change.points, "percent": change.percent, "words": list(change.words)}
