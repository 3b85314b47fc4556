"""The steps of the form in their order: words, addresses, how far each is, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from intake.domain.form.pages import PARTS, Page
from intake.domain.form.whole import Form, Missing

STEPS = 8
ABOUT, REASON, TRIED, TAKEN, MOOD, CHECK = (
    "About you",
    "Reason for coming",
    "What you have tried",
    "What you take now",
    "How you have been",
    "Check and send",
)
NUMBERS = {
    (Page.ABOUT, "you"): 1,
    (Page.ABOUT, "reach"): 2,
    (Page.ABOUT, "messages"): 3,
    (Page.REASON, "reason"): 4,
    (Page.TRIALS, "list"): 5,
    (Page.TRIAL, "course"): 5,
    (Page.TRIAL, "effect"): 5,
    (Page.MEDICINES, "list"): 6,
    (Page.MEDICINE, "medicine"): 6,
    (Page.PHQ9, "answers"): 7,
}
TITLES = {
    Page.ABOUT: ABOUT,
    Page.REASON: REASON,
    Page.TRIALS: TRIED,
    Page.TRIAL: TRIED,
    Page.MEDICINES: TAKEN,
    Page.MEDICINE: TAKEN,
    Page.PHQ9: MOOD,
}


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task list; `kind` is done, started, start or blocked."""

    label: str
    state: str
    kind: str
    url: str | None


def tasks(form: Form) -> list[Task]:
    """The task list."""
    found = [
        _about(form),
        _single(form, Page.REASON, url_for("patient.reason")),
        _list(form, Page.TRIALS, Page.TRIAL, len(form.trials), url_for("patient.trials")),
        _list(form, Page.MEDICINES, Page.MEDICINE, len(form.medicines), url_for("patient.medicines")),
        _single(form, Page.PHQ9, url_for("patient.mood")),
    ]
    return [*found, _check(found)]


def next_task(found: list[Task]) -> Task:
    """The first task that is not done."""
    return next(task for task in found if task.kind != "done" and task.url)


def url_of(page: Page, part: str, item: str = "") -> str:
    """Where a part is filled in."""
    match page:
        case Page.ABOUT:
            return url_for("patient.about", part=part)
        case Page.REASON:
            return url_for("patient.reason")
        case Page.TRIALS:
            return url_for("patient.trials")
        case Page.MEDICINES:
            return url_for("patient.medicines")
        case Page.PHQ9:
            return url_for("patient.mood")
        case Page.TRIAL:
            return url_for("patient.trial_effect" if part == "effect" else "patient.trial", item=item)
        case Page.MEDICINE:
            return url_for("patient.medicine", item=item)


ABOUT_PARTS = {"reach": "How to reach you", "messages": "What messages may say"}
"""The parts of the section about the patient that have a heading of their own."""


def gap_words(gap: Missing, form: Form) -> str:
    """A missing part as a line that leads to it."""
    names = {one.item: one.name for one in form.trials} | {one.item: one.name for one in form.medicines}
    where = names.get(gap.item) or ABOUT_PARTS.get(gap.part) or TITLES[gap.page]
    return f"{where}: {gap.message}"


def _about(form: Form) -> Task:
    parts = PARTS[Page.ABOUT]
    open_parts = [gap.part for gap in form.missing_on(Page.ABOUT)]
    done = len(parts) - len(open_parts)
    if not open_parts:
        return Task(ABOUT, "Done", "done", url_for("patient.about", part=parts[0]))
    url = url_for("patient.about", part=open_parts[0])
    return Task(ABOUT, f"{done} of {len(parts)} done", "started", url) if done else Task(ABOUT, "Start", "start", url)


def _single(form: Form, page: Page, url: str) -> Task:
    gaps = form.missing_on(page)
    if not gaps:
        return Task(TITLES[page], "Done", "done", url)
    if gaps[0].field is None:
        return Task(TITLES[page], "Start", "start", url)
    return Task(TITLES[page], "Started", "started", url)


def _list(form: Form, page: Page, inner: Page, count: int, url: str) -> Task:
    unfinished = len({gap.item for gap in form.missing_on(inner)})
    if not form.missing_on(page, inner):
        return Task(TITLES[page], f"Done, {count} added" if count else "Done, none", "done", url)
    if not count:
        return Task(TITLES[page], "Start", "start", url)
    state = f"{count - unfinished} of {count} finished" if unfinished else f"{count} added"
    return Task(TITLES[page], state, "started", url)


def _check(before: list[Task]) -> Task:
    left = [task.label for task in before if task.kind != "done"]
    if not left:
        return Task(CHECK, "Start", "start", url_for("patient.check"))
    what = f"“{left[0]}” is" if len(left) == 1 else f"{len(left)} parts above are"
    return Task(CHECK, f"Cannot start yet: {what} not done", "blocked", None)
