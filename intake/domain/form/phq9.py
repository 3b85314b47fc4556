"""The PHQ-9 as the patient answers it."""

from __future__ import annotations

from dataclasses import dataclass

from intake.domain.form.reader import Answers, Reader, Row, typed
from intake.domain.screening import instruments
from intake.domain.screening.instruments import DISCUSS, Answer, Instrument, Item

CODE = "phq9"
DISCUSS_WORDS = "I would rather talk about this in person"


@dataclass(frozen=True, slots=True)
class Filled:
    """The answers by item code: points, or "discuss" where an item allows it."""

    answers: dict[str, Answer]


def phq9() -> Instrument:
    """The instrument with its exact wording."""
    return instruments.load(CODE)


def safety_item() -> Item:
    """The item on thoughts of self-harm."""
    return next(item for item in phq9().items if item.is_safety)


def field_of(item: Item) -> str:
    """The name under which a page sends the answer to an item."""
    return f"item_{item.code}"


def options_of(item: Item) -> dict[str, str]:
    """The answers of an item as a page offers them, by their text code."""
    given = {str(option.value): option.label for option in item.options}
    return given | ({DISCUSS: DISCUSS_WORDS} if item.can_discuss else {})


def read_phq9(answers: Answers) -> Filled:
    """Raises `AnswerFaults` where an item has no answer. The unscored item is only needed after a positive one."""
    reader = Reader(answers)
    found: dict[str, Answer] = {}
    for item in phq9().items:
        if not item.is_scored and not _has_problem(found):
            continue
        chosen = reader.choice(field_of(item), options_of(item), "Choose one of the answers")
        found[item.code] = DISCUSS if chosen == DISCUSS else int(chosen or 0)
    reader.finish()
    return Filled(found)


def safety_answer(answers: Answers) -> Answer:
    """The answer to the safety item as far as the page is filled; None: not answered."""
    item = safety_item()
    chosen = typed(answers.get(field_of(item)))
    if chosen not in options_of(item):
        return None
    return DISCUSS if chosen == DISCUSS else int(chosen)


def phq9_rows(filled: Filled) -> tuple[Row, ...]:
    """The answers in words. No score: a patient never reads one."""
    items = [item for item in phq9().items if item.code in filled.answers]
    return tuple(Row(item.text, options_of(item)[str(filled.answers[item.code])]) for item in items)


def _has_problem(found: dict[str, Answer]) -> bool:
    return any(answer == DISCUSS or (isinstance(answer, int) and answer > 0) for answer in found.values())
