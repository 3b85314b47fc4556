"""Calling somebody whose booster is due: what a try came to, and what the desk does next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from intake.domain.errors import DomainError
from intake.domain.scheduling.booster_signals import Advice
from intake.domain.scheduling.boosters import SECOND_OF_PAIR, DueWindow

LONGEST_WAIT = timedelta(days=120)
AHEAD = timedelta(days=14)
"""How long before a window opens somebody is called."""


class Touch(StrEnum):
    """What one try came to."""

    LEFT_MESSAGE = "left-message"
    NO_ANSWER = "no-answer"
    CALLS_BACK = "calls-back"
    CALL_AGAIN = "call-again"
    NOT_NOW = "not-now"


NEEDS_DAY = frozenset({Touch.CALL_AGAIN})
"""What asks for a day on which to call again."""


class NextAction(StrEnum):
    """What the desk does next."""

    WAIT = "wait"
    CALL = "call"
    BOOK_REVIEW = "book-review"
    ASK_PROVIDER = "ask-provider"


@dataclass(frozen=True, slots=True)
class Tried:
    """The last try: when, what came of it, and on which day to call again."""

    on: date
    outcome: Touch
    call_again_on: date | None = None


def check_touch(outcome: Touch, call_again_on: date | None, today: date) -> None:
    """Refuse a try that cannot be: a day to call again is to come, and some outcomes need one."""
    if call_again_on is None and outcome in NEEDS_DAY:
        raise DomainError("Enter on which day to call again.", field="call_again_on")
    if call_again_on is not None and not today <= call_again_on <= today + LONGEST_WAIT:
        raise DomainError(f"Enter a day to come, at most {LONGEST_WAIT.days} days on.", field="call_again_on")


def next_action(
    window: DueWindow, tried: Tried | None, advice: Advice | None, *, needs_order: bool, today: date
) -> NextAction:
    """What follows for somebody whose booster is due: the provider first, then a review, then a call.

    Nobody is called before two weeks ahead of the window, twice on one day, or before the day they asked for;
    a provider who suggests sooner, or the first of the pair being settled, makes the call due now.
    """
    if needs_order:
        return NextAction.ASK_PROVIDER
    if advice is Advice.REVIEW:
        return NextAction.BOOK_REVIEW
    if tried is not None and (tried.on >= today or (tried.call_again_on is not None and tried.call_again_on > today)):
        return NextAction.WAIT
    if advice is Advice.SOONER or window.pair == SECOND_OF_PAIR or window.earliest - AHEAD <= today:
        return NextAction.CALL
    return NextAction.WAIT
