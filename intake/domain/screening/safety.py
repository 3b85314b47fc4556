"""What a safety answer asks of the clinic. The action is named, never a risk: a questionnaire item is no assessment.

Source: crisis, decisions for the product and section 2. The grades are proposals that the clinic signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from intake.domain.screening.instruments import DISCUSS, Answer

RULES_VERSION = "safety 2025-11"


class Action(StrEnum):
    """What the clinic does, the most urgent first."""

    CALL_NOW = "call now"
    CALL_TODAY = "call today"
    TALK_AT_VISIT = "talk at visit"
    NONE = "none"


class Change(StrEnum):
    """A patient's own word on an unchanged positive answer."""

    SAME = "same"
    BETTER = "better"
    WORSE = "worse"


class Help(StrEnum):
    """What the patient is shown at once."""

    FULL_PAGE = "full page"
    LINE_AND_QUESTION = "line and question"  # the help line stays; "the same, better or worse today?"
    LINE = "line"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Columbia:
    """Answers of the staff-administered Columbia screener, past month unless said; None: not asked."""

    highest_item: int | None = None  # 0 for all no, else 1 to 5
    is_behaviour_recent: bool | None = None  # past three months
    is_behaviour_ever: bool | None = None

    @property
    def is_done(self) -> bool:
        """Whether thoughts and behaviour were both asked; otherwise it settles nothing."""
        return self.highest_item is not None and self.is_behaviour_recent is not None


@dataclass(frozen=True, slots=True)
class SafetyAnswers:
    """Everything known at one moment.

    `item9` is 0 to 3, "discuss", or None when skipped or when the form was left at the question; `is_asked` False:
    the question has not been shown yet, which asks for nothing.
    """

    item9: Answer
    is_asked: bool = True
    is_thinking_of_it_now: bool | None = None
    columbia: Columbia = Columbia()
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class SafetyDecision:
    """The action, whether it raises an alert, and what the patient sees.

    `joins_visit`: it becomes a line of that visit's pre-check instead.
    """

    action: Action
    raises_alert: bool
    joins_visit: bool
    help: Help
    reason: str
    rules_version: str = RULES_VERSION
    is_verified: bool = False
    source: str = "crisis, section 2: proposed grades, the clinic signs them"


@dataclass(frozen=True, slots=True)
class _Trigger:
    """One thing that asks for an action. `is_level`: an item 9 answer, which a known baseline can explain."""

    action: Action
    reason: str
    is_level: bool = False


def decide(answers: SafetyAnswers, *, baseline: int | None = None, is_visit_within_24h: bool = False) -> SafetyDecision:
    """The most urgent action that fits.

    `baseline` is the patient's known item 9 on the chart, None when none is known. An item 9 that is neither new nor
    worse than it raises nothing once the patient has said "same" or "better"; until then it is talked about at the
    visit. Within 24 hours before a visit the answer joins that visit's pre-check.
    """
    triggers = [_against_baseline(trigger, answers, baseline) for trigger in _triggers(answers, baseline)]
    order = list(Action)
    stands = min(triggers, key=lambda trigger: order.index(trigger.action), default=_Trigger(Action.NONE, "all zero"))
    is_positive = stands.action is not Action.NONE
    return SafetyDecision(
        action=stands.action,
        raises_alert=is_positive and not is_visit_within_24h,
        joins_visit=is_positive and is_visit_within_24h,
        help=_help(answers, baseline, stands.action),
        reason=stands.reason,
    )


def action_for(item9: Answer, *, baseline: int | None = None, change: Change | None = None) -> Action:
    """The action for PHQ-9 item 9 alone, without a Columbia screener."""
    return decide(SafetyAnswers(item9, change=change), baseline=baseline).action


def _triggers(answers: SafetyAnswers, baseline: int | None) -> Iterator[_Trigger]:
    if answers.is_thinking_of_it_now:
        yield _Trigger(Action.CALL_NOW, "says yes to thinking of it now")
    yield from _columbia_triggers(answers.columbia)
    if answers.is_asked:
        yield from _item9_triggers(answers, baseline)


def _columbia_triggers(columbia: Columbia) -> Iterator[_Trigger]:
    highest = columbia.highest_item or 0
    if highest >= 4:
        yield _Trigger(Action.CALL_NOW, "Columbia item 4 or 5 in the past month")
    elif highest == 3:
        yield _Trigger(Action.CALL_TODAY, "Columbia item 3")
    elif highest >= 1:
        yield _Trigger(Action.TALK_AT_VISIT, "Columbia item 1 or 2")
    if columbia.is_behaviour_recent:
        yield _Trigger(Action.CALL_NOW, "behaviour in the past three months")
    elif columbia.is_behaviour_ever:
        yield _Trigger(Action.CALL_TODAY, "behaviour more than three months ago")


def _item9_triggers(answers: SafetyAnswers, baseline: int | None) -> Iterator[_Trigger]:
    item9 = answers.item9
    if item9 is None or item9 == DISCUSS:
        yield _Trigger(Action.TALK_AT_VISIT, "item 9 not answered or kept for a talk")
    elif not isinstance(item9, int) or isinstance(item9, bool) or not 0 <= item9 <= 3:
        raise ValueError("item 9 is 0 to 3")
    elif item9 == 3:
        yield _Trigger(Action.CALL_NOW, "item 9 is 3", is_level=True)
    elif item9 == 2 and not answers.columbia.is_done:
        yield _Trigger(Action.CALL_NOW, "item 9 is 2 and no Columbia screener was done", is_level=True)
    elif item9 >= 1:
        is_up = baseline is not None and item9 > baseline
        yield _Trigger(Action.CALL_TODAY, "item 9 is up" if is_up else f"item 9 is {item9}", is_level=True)


def _against_baseline(trigger: _Trigger, answers: SafetyAnswers, baseline: int | None) -> _Trigger:
    if not trigger.is_level or not _is_unchanged(answers, baseline) or answers.change is Change.WORSE:
        return trigger
    if answers.change is None:
        return _Trigger(Action.TALK_AT_VISIT, "item 9 as on the chart; not said whether better or worse today")
    return _Trigger(Action.NONE, f"item 9 as on the chart; {answers.change} today")


def _is_unchanged(answers: SafetyAnswers, baseline: int | None) -> bool:
    """Whether the answer is positive and neither new nor above the known baseline."""
    item9 = answers.item9
    return isinstance(item9, int) and baseline is not None and 0 < item9 <= baseline


def _help(answers: SafetyAnswers, baseline: int | None, action: Action) -> Help:
    if _is_unchanged(answers, baseline) and action in (Action.NONE, Action.TALK_AT_VISIT):
        return Help.LINE_AND_QUESTION if answers.change is None else Help.LINE
    if action is Action.NONE:
        return Help.NONE
    return Help.LINE if action is Action.TALK_AT_VISIT else Help.FULL_PAGE
