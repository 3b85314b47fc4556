"""What a safety answer asks of the clinic. The action is named, never a risk: a questionnaire item is no assessment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from intake.domain.screening.instruments import Answer

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
    LINE_AND_QUESTION = "line and question"  # help line, and "the same, better or worse today?"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Columbia:
    """Answers of the staff-administered Columbia screener, past month unless said; None: not asked."""

    highest_item: int | None = None  # 0 for all no, else 1 to 5
    is_behaviour_recent: bool | None = None  # past three months
    is_behaviour_ever: bool | None = None


@dataclass(frozen=True, slots=True)
class SafetyAnswers:
    """Everything known at one moment. `item9` is 0 to 3, "discuss", or None when skipped or left there."""

    item9: Answer
    is_asked: bool = True
    is_thinking_of_it_now: bool | None = None
    columbia: Columbia | None = None
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


def decide(answers: SafetyAnswers, *, baseline: int | None = None, is_visit_within_24h: bool = False) -> SafetyDecision:
    """The most urgent action that fits. `baseline` is the patient's known item 9 on the chart; None: none known."""
    raise NotImplementedError


def action_for(item9: Answer, *, baseline: int | None = None, change: Change | None = None) -> Action:
    """The action for PHQ-9 item 9 alone, without a Columbia screener."""
    raise NotImplementedError
