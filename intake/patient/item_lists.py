"""Lists of things that repeat: cards, removing, putting back, and whether the list is whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.form.pages import REPEATED, Page
from intake.domain.form.reader import AnswerFaults, typed
from intake.domain.form.whole import Form
from intake.patient import steps
from intake.patient.screens import Screen, closed, keep, seen_version
from intake.patient.single_screens import list_screen
from intake.patient.visit import Visit, visit
from intake.queries import consultations
from intake.queries.consultations import Draft
from intake.services.consultations import AlreadySent, EditedElsewhere, Place, remove_item, restore_item

NAMELESS = "Without a name so far"


@dataclass(frozen=True, slots=True)
class Card:
    """One item of a list. `part` is where an item that is not whole goes on."""

    item: str
    name: str
    when: str
    lines: tuple[str, ...]
    is_whole: bool
    part: str

    @property
    def title(self) -> str:
        """What the card is called, and what its links are read out with."""
        return f"{self.name or NAMELESS}, {self.when}" if self.when else self.name or NAMELESS


def new_key() -> str:
    """The key of an item that is being added."""
    return str(uuid7())


def shown_list(page: Page, cards_of: Callable[[Form], list[Card]]) -> ResponseReturnValue:
    """The list page of a repeated page; POST says whether the list is whole."""
    at = visit()
    if not at.may_edit:
        return closed(at), 409 if request.method == "POST" else 200
    drafts = at.drafts()
    cards = cards_of(at.form(drafts))
    screen = list_screen(REPEATED[page], len(cards))
    part = consultations.part_of(_list_draft(drafts, page), "list")
    if request.method == "POST" and at.is_returned:  # the page has no such question then
        return redirect(url_for("patient.questions"))
    if request.method == "POST":
        return _say_whole(screen, at, page, drafts, cards)
    form = screen.filled(part.answers)
    return _page(screen, at, page, form, drafts, cards, part.version)


def _say_whole(
    screen: Screen, at: Visit, page: Page, drafts: Sequence[Draft], cards: list[Card]
) -> ResponseReturnValue:
    form = screen.filled(None)
    shown = _Shown(page, drafts, cards, at)
    try:
        screen.read(form.answers)
        keep(screen, at, form.answers)
    except AnswerFaults as faults:
        form.show(faults.faults)
        return _page(screen, at, page, form, drafts, cards, seen_version()), 422
    except EditedElsewhere:
        flash("The list was changed in another window. Look at it again, then say whether it is whole.", "caution")
        return redirect(request.path)
    except AlreadySent:
        return closed(at), 409
    except DomainError as error:
        form.blame(error)
        return _page(screen, at, page, form, drafts, cards, seen_version()), 422
    goes_on = form.answers["everything"] != "later" and not shown.unfinished
    return redirect(screen.next_url if goes_on else url_for("patient.home"))


@dataclass(frozen=True, slots=True)
class _Shown:
    page: Page
    drafts: Sequence[Draft]
    cards: list[Card]
    at: Visit

    @property
    def unfinished(self) -> bool:
        return any(not card.is_whole for card in self.cards)

    def actions(self, card: Card) -> list[dict[str, str]]:
        """The links of a card, as far as the item may be changed now."""
        draft = next(one for one in self.drafts if one.page == self.page.value and one.item == card.item)
        if not self.at.is_open(self.page, draft):
            return []
        name = self.page.value
        links = [{"label": "Change", "url": url_for(f"patient.{name}", item=card.item)}]
        if not self.at.is_returned:
            links.append({"label": "Copy", "url": url_for(f"patient.copy_{name}", item=card.item)})
        if consultations.chart_row_of(draft) is None:
            links.append({"label": "Remove", "url": url_for(f"patient.remove_{name}", item=card.item)})
        return links


def _page(
    screen: Screen, at: Visit, page: Page, form: Any, drafts: Sequence[Draft], cards: list[Card], version: int
) -> str:
    shown = _Shown(page, drafts, cards, at)
    name, listed = page.value, REPEATED[page]
    return render_template(
        screen.template,
        form=form,
        version=version,
        section=steps.TITLES[listed],
        step=steps.NUMBERS[(listed, "list")],
        steps=steps.STEPS,
        back_url=url_for("patient.questions") if at.is_returned else screen.back_url,
        cards=[(card, shown.actions(card), steps.url_of(page, card.part, card.item)) for card in cards],
        removed=_removed(drafts, page) if not at.is_returned else [],
        add_url=url_for(f"patient.new_{name}") if at.is_open(page, item=new_key()) else None,
        is_returned=at.is_returned,
    )


def _removed(drafts: Sequence[Draft], page: Page) -> list[tuple[str, str]]:
    """What was taken out: name and where to put it back."""
    found = [draft for draft in drafts if draft.page == page.value and draft.removed_at is not None]
    return [(_name(draft), url_for(f"patient.restore_{page.value}", item=draft.item)) for draft in found]


def _name(draft: Draft) -> str:
    part, key = ("course", "treatment") if draft.page == Page.TRIAL else ("medicine", "name")
    return typed(consultations.part_of(draft, part).answers.get(key)) or NAMELESS


def _list_draft(drafts: Sequence[Draft], page: Page) -> Draft | None:
    return next((draft for draft in drafts if draft.page == REPEATED[page].value), None)


def removal(page: Page, item: str) -> ResponseReturnValue:
    """Ask whether to remove an item; POST does it."""
    at = visit()
    draft = at.draft(Place(page, "", item))
    if draft is None:
        abort(404)
    back = url_for(f"patient.{REPEATED[page].value}")
    if request.method == "POST":
        try:
            remove_item(at.patient_id, page, item, actor_id=at.account_id, now=at.at)
        except AlreadySent:
            return closed(at), 409
        return redirect(back)
    if not at.is_open(page, draft) or consultations.chart_row_of(draft) is not None:
        return closed(at)
    return render_template("patient/remove.html", name=_name(draft), back_url=back)


def restoring(page: Page, item: str) -> ResponseReturnValue:
    """Put a removed item back into its list."""
    at = visit()
    try:
        restore_item(at.patient_id, page, item, actor_id=at.account_id, now=at.at)
    except AlreadySent:
        return closed(at), 409
    except DomainError as error:
        flash(error.message, "caution")
    return redirect(url_for(f"patient.{REPEATED[page].value}"))
