"""The whole form as far as it is filled: what can be read, what is missing, and its words for a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from intake.domain.form import about, medicine, phq9, reason, trial, trial_words
from intake.domain.form.pages import FORM_VERSION, PARTS, Page
from intake.domain.form.reader import AnswerFaults, Answers, Options, Row, typed

T = TypeVar("T")
EVERYTHING: Options = {"yes": "Yes, that is everything", "later": "No, I will add more later"}
NOTHING_TRIED: Options = {"none": "I have not taken any", "later": "I will add them later"}
NOTHING_TAKEN: Options = {"none": "I take no medicines", "later": "I will add them later"}


@dataclass(frozen=True, slots=True)
class Written:
    """One draft: the answers of each part that was saved, as typed."""

    page: Page
    item: str
    position: int
    parts: Mapping[str, Answers]


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that is not filled in so far, or in which something cannot be read. `field` is the first at fault."""

    page: Page
    item: str
    part: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class TrialItem:
    """A trial with the parts that can be read. `name` is there as soon as one was typed."""

    item: str
    name: str
    position: int
    course: trial.Course | None
    effect: trial.Effect | None

    @property
    def is_whole(self) -> bool:
        """Whether both parts can be read."""
        return self.course is not None and self.effect is not None


@dataclass(frozen=True, slots=True)
class MedicineItem:
    """A current medicine; `entry` None while it cannot be read."""

    item: str
    name: str
    position: int
    entry: medicine.MedicineEntry | None


@dataclass(slots=True)
class Form:
    """Everything that can be read, and what is missing. Trials stand in order of time, medicines as entered."""

    you: about.You | None = None
    reach: about.Reach | None = None
    messages: about.Messages | None = None
    reason: reason.Reason | None = None
    trials: tuple[TrialItem, ...] = ()
    medicines: tuple[MedicineItem, ...] = ()
    phq9: phq9.Filled | None = None
    missing: list[Missing] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether it can be sent."""
        return not self.missing

    def missing_on(self, *pages: Page) -> list[Missing]:
        """What is missing on some pages."""
        return [gap for gap in self.missing if gap.page in pages]


def read_form(drafts: Iterable[Written], *, today: date) -> Form:
    """Read all drafts that are not removed. Never raises: what cannot be read is listed in `missing`."""
    form, drafts = Form(), list(drafts)
    parts = {(draft.page, part): answers for draft in drafts if not draft.item for part, answers in draft.parts.items()}
    read = _PartReader(form, parts)
    form.you = read(Page.ABOUT, "you", lambda answers: about.read_you(answers, today=today))
    form.reach = read(Page.ABOUT, "reach", about.read_reach)
    form.messages = read(Page.ABOUT, "messages", about.read_messages)
    form.reason = read(Page.REASON, "reason", lambda answers: reason.read_reason(answers, today=today))
    form.trials = _trials(form, drafts, today)
    _read_list(form, Page.TRIALS, len(form.trials), parts)
    form.medicines = _medicines(form, drafts, today)
    _read_list(form, Page.MEDICINES, len(form.medicines), parts)
    form.phq9 = read(Page.PHQ9, "answers", phq9.read_phq9)
    return form


class _PartReader:
    """Reads single parts and notes in the form what is missing."""

    def __init__(self, form: Form, parts: Mapping[tuple[Page, str], Answers]) -> None:
        self.form, self.parts = form, parts

    def __call__(self, page: Page, part: str, read: Callable[[Answers], T]) -> T | None:
        return _read_part(self.form, (page, "", part), self.parts.get((page, part)), read)


def _read_part(
    form: Form, place: tuple[Page, str, str], answers: Answers | None, read: Callable[[Answers], T]
) -> T | None:
    if answers is None:
        form.missing.append(Missing(*place, "Not answered so far"))
        return None
    try:
        return read(answers)
    except AnswerFaults as faults:
        form.missing.append(Missing(*place, faults.message, faults.field))
        return None


def _read_list(form: Form, page: Page, count: int, parts: Mapping[tuple[Page, str], Answers]) -> None:
    wanted = "yes" if count else "none"
    if typed(parts.get((page, "list"), {}).get("everything")) != wanted:
        question = "Say whether that is everything" if count else "Add what you know, or say that there is nothing"
        form.missing.append(Missing(page, "", "list", question, "everything"))


def _trials(form: Form, drafts: list[Written], today: date) -> tuple[TrialItem, ...]:
    mine = [draft for draft in drafts if draft.page is Page.TRIAL]
    keys = {draft.item for draft in mine}
    found = [_trial(form, draft, keys - {draft.item}, today) for draft in mine]
    return tuple(sorted(found, key=_in_order_of_time))


def _in_order_of_time(item: TrialItem) -> tuple[date, int]:
    return (trial.began_on(item.course) if item.course else date.max, item.position)


def _trial(form: Form, draft: Written, others: set[str], today: date) -> TrialItem:
    first, second = PARTS[Page.TRIAL]
    given = draft.parts.get(first)
    place = (Page.TRIAL, draft.item)
    course = _read_part(form, (*place, first), given, lambda answers: trial.read_course(answers, today=today))
    effect = None
    if course is not None:
        there = course
        effect = _read_part(
            form, (*place, second), draft.parts.get(second), lambda a: trial.read_effect(a, there, others=others)
        )
    return TrialItem(draft.item, _name(given, "treatment"), draft.position, course, effect)


def _medicines(form: Form, drafts: list[Written], today: date) -> tuple[MedicineItem, ...]:
    mine = sorted((draft for draft in drafts if draft.page is Page.MEDICINE), key=lambda draft: draft.position)
    return tuple(_medicine(form, draft, today) for draft in mine)


def _medicine(form: Form, draft: Written, today: date) -> MedicineItem:
    (part,) = PARTS[Page.MEDICINE]
    given = draft.parts.get(part)
    place = (Page.MEDICINE, draft.item, part)
    entry = _read_part(form, place, given, lambda answers: medicine.read_medicine(answers, today=today))
    return MedicineItem(draft.item, _name(given, "name"), draft.position, entry)


def _name(answers: Answers | None, key: str) -> str:
    return " ".join(typed((answers or {}).get(key)).split())[:120]


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the form in the words that the patient saw, ready to be shown for ever."""

    page: Page
    item: str
    part: str
    title: str
    rows: tuple[Row, ...]


def sections_of(form: Form) -> list[Section]:
    """Everything that can be read, in the order of the form."""
    found: list[Section] = []
    if form.you:
        found.append(Section(Page.ABOUT, "", "you", "About you", about.you_rows(form.you)))
    if form.reach:
        found.append(Section(Page.ABOUT, "", "reach", "How to reach you", about.reach_rows(form.reach)))
    if form.messages:
        found.append(Section(Page.ABOUT, "", "messages", "Messages", about.messages_rows(form.messages)))
    if form.reason:
        found.append(Section(Page.REASON, "", "reason", "Reason for coming", reason.reason_rows(form.reason)))
    names = {item.item: item.name for item in form.trials}
    for item in form.trials:
        found += _trial_sections(item, names)
    for taken in form.medicines:
        if taken.entry:
            rows = medicine.medicine_rows(taken.entry)
            found.append(Section(Page.MEDICINE, taken.item, "medicine", f"{taken.name}, taken now", rows))
    if form.phq9:
        found.append(Section(Page.PHQ9, "", "answers", phq9.phq9().stem, phq9.phq9_rows(form.phq9)))
    return found


def _trial_sections(item: TrialItem, names: Mapping[str, str]) -> list[Section]:
    if item.course is None:
        return []
    found = [Section(Page.TRIAL, item.item, "course", item.name, trial_words.course_rows(item.course))]
    if item.effect:
        rows = trial_words.effect_rows(item.effect, item.course, names)
        found.append(Section(Page.TRIAL, item.item, "effect", f"{item.name}: what it did", rows))
    return found


def snapshot_of(form: Form, drafts: Iterable[Written]) -> dict[str, Any]:
    """What a submission keeps: version, every section in words, and every answer as typed."""
    return {
        "form_version": FORM_VERSION,
        "instrument_version": phq9.phq9().version,
        "sections": [_section_document(section) for section in sections_of(form)],
        "answers": [
            {"page": draft.page.value, "item": draft.item, "position": draft.position, "parts": dict(draft.parts)}
            for draft in drafts
        ],
    }


def _section_document(section: Section) -> dict[str, Any]:
    return {
        "page": section.page.value,
        "item": section.item,
        "part": section.part,
        "title": section.title,
        "rows": [[row.label, row.value if isinstance(row.value, str) else list(row.value)] for row in section.rows],
    }
