"""One part of the form as a screen: shown, saved as typed, read, and on to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.domain.errors import DomainError
from intake.domain.form.reader import AnswerFaults, Answers
from intake.domain.screening.safety import Help
from intake.patient import steps
from intake.patient.forms import PageForm, differences
from intake.patient.visit import Visit, visit
from intake.queries import consultations, sites
from intake.services.consultations import AlreadySent, EditedElsewhere, Place, Saved, save_part
from intake.web.filters import clock_at

PROMISE_POLICY = "crisis_promise"


def _as_typed(answers: Answers) -> Answers:
    return answers


@dataclass(frozen=True, slots=True)
class Screen:
    """What differs between two screens.

    `read` raises `AnswerFaults`; `settle` fixes answers that would mean something else tomorrow; `shape` prepares a
    form (choices, rows); `may_add`: the item is only being added; `known`: what stands there before anything is saved.
    """

    place: Place
    form: type[PageForm]
    read: Callable[[Answers], object]
    template: str
    next_url: str
    back_url: str
    may_add: bool = False
    known: Answers = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    settle: Callable[[Answers], Answers] = _as_typed
    shape: Callable[[Any], None] | None = None
    autosaves: bool = True

    def filled(self, answers: Answers | None) -> PageForm:
        """The form with these answers, or with what was just sent."""
        form = self.form() if answers is None else self.form(formdata=None, data=answers)
        if self.shape:
            self.shape(form)
        return form


def answer(screen: Screen) -> ResponseReturnValue:
    """Show the screen, or save it and go on."""
    at = visit()
    draft = at.draft(screen.place)
    if screen.place.item and draft is None and not screen.may_add:
        abort(404)
    if not at.is_open(screen.place.page, draft, screen.place.item):
        return closed(at), 409 if request.method == "POST" else 200
    if request.method == "POST":
        return _save(screen, at)
    part = consultations.part_of(draft, screen.place.part)
    form = screen.filled(part.answers or screen.known)
    return _page(screen, at, form, part.version)


def closed(at: Visit) -> str:
    """The page in place of one that cannot be changed any more."""
    return render_template("patient/sent.html", is_returned=at.is_returned)


def _save(screen: Screen, at: Visit) -> ResponseReturnValue:
    form = screen.filled(None)
    answers = screen.settle(form.answers)
    try:
        saved = keep(screen, at, answers)
    except EditedElsewhere as other:
        return _conflict(screen, at, form, other)
    except AlreadySent:
        return closed(at), 409
    except DomainError as error:
        form.blame(error)
        return _page(screen, at, form, seen_version()), 422
    if "more" in request.form:
        return redirect(f"{request.path}?rows={len(form.data.get('doses') or ()) + 1}")
    if "later" in request.form:
        return redirect(_with_help(saved, url_for("patient.home")))
    try:
        screen.read(answers)
    except AnswerFaults as faults:
        form.show(faults.faults)
        return _page(screen, at, form, saved.version, help=saved.help), 422
    return redirect(_with_help(saved, url_for("patient.questions") if at.is_returned else screen.next_url))


def keep(screen: Screen, at: Visit, answers: Answers) -> Saved:
    """Save the part; raises what `save_part` raises."""
    return save_part(
        at.patient_id,
        screen.place,
        answers,
        seen_version=seen_version(),
        actor_id=at.account_id,
        now=at.at,
        may_add=screen.may_add,
    )


def seen_version() -> int:
    """The version of the draft when the form was shown; 0 for what is no number."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def promise() -> str | None:
    """What the clinic has said it does after a safety answer; None: nothing is promised."""
    said = sites.policy(PROMISE_POLICY)
    return str(said) if said else None


def _with_help(saved: Saved, url: str) -> str:
    """Where a save leads: to the help first, where the answer asks for it."""
    if saved.help is Help.NONE:
        return url
    after = "home" if url == url_for("patient.home") else "questions" if url == url_for("patient.questions") else "next"
    return url_for("patient.crisis_help", after=after)


def _page(screen: Screen, at: Visit, form: PageForm, version: int, *, help: Help = Help.NONE) -> str:
    place = screen.place
    return render_template(
        screen.template,
        form=form,
        version=version,
        section=steps.TITLES[place.page],
        step=steps.NUMBERS.get((place.page, place.part)),
        steps=steps.STEPS,
        back_url=url_for("patient.questions") if at.is_returned else screen.back_url,
        autosave_url=_autosave_url(screen) if screen.autosaves else None,
        needs_help=help is not Help.NONE,
        **screen.extra,
    )


def _autosave_url(screen: Screen) -> str:
    place, new = screen.place, "1" if screen.may_add else None
    return url_for("patient.autosave", page=place.page.value, part=place.part, item=place.item or None, new=new)


def _conflict(screen: Screen, at: Visit, mine: PageForm, other: EditedElsewhere) -> ResponseReturnValue:
    theirs = screen.filled(other.answers)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "version")]
    page = render_template(
        "patient/conflict.html",
        saved_at=clock_at(other.saved_at, at.zone),
        differences=differences(mine, theirs),
        fields=fields,
        version=other.version,
        page_error=True,
    )
    return page, 409
