"""What a safety answer asks of the clinic."""

from __future__ import annotations

from typing import Any

import pytest

from intake.domain.screening.instruments import DISCUSS, Answer
from intake.domain.screening.safety import (
    Action,
    Change,
    Columbia,
    Help,
    SafetyAnswers,
    SafetyDecision,
    action_for,
    decide,
)

NO_TO_ALL = Columbia(highest_item=0, is_behaviour_recent=False, is_behaviour_ever=False)


@pytest.mark.parametrize(
    ("item9", "action"),
    [
        (0, Action.NONE),
        (1, Action.CALL_TODAY),
        (2, Action.CALL_NOW),  # no Columbia screener was done
        (3, Action.CALL_NOW),
        (None, Action.TALK_AT_VISIT),  # skipped, or the form was left there
        (DISCUSS, Action.TALK_AT_VISIT),
    ],
)
def test_item_9_alone_names_an_action(item9: Answer, action: Action) -> None:
    assert action_for(item9) is action


@pytest.mark.parametrize(
    ("item9", "columbia", "action"),
    [
        (2, NO_TO_ALL, Action.CALL_TODAY),
        (2, Columbia(highest_item=0), Action.CALL_NOW),  # half a screener settles nothing
        (3, NO_TO_ALL, Action.CALL_NOW),
        (0, Columbia(1, False, False), Action.TALK_AT_VISIT),
        (0, Columbia(2, False, False), Action.TALK_AT_VISIT),
        (0, Columbia(3, False, False), Action.CALL_TODAY),
        (0, Columbia(4, False, False), Action.CALL_NOW),
        (0, Columbia(5, False, False), Action.CALL_NOW),
        (0, Columbia(0, False, True), Action.CALL_TODAY),
        (0, Columbia(0, True, True), Action.CALL_NOW),
        (1, Columbia(4, False, False), Action.CALL_NOW),  # the most urgent that fits stands
        (None, Columbia(3, False, False), Action.CALL_TODAY),
    ],
)
def test_the_columbia_screener_names_an_action_too(item9: Answer, columbia: Columbia, action: Action) -> None:
    assert decide(SafetyAnswers(item9, columbia=columbia)).action is action


def test_thinking_of_it_now_is_a_call_now_whatever_else_was_said() -> None:
    assert decide(SafetyAnswers(0, is_thinking_of_it_now=True, columbia=NO_TO_ALL)).action is Action.CALL_NOW
    assert decide(SafetyAnswers(1, is_thinking_of_it_now=True), baseline=1).action is Action.CALL_NOW


def test_a_question_not_yet_asked_asks_for_nothing() -> None:
    assert decide(SafetyAnswers(None, is_asked=False)).action is Action.NONE


@pytest.mark.parametrize(
    ("item9", "baseline", "change", "action"),
    [
        (1, None, None, Action.CALL_TODAY),  # new
        (1, 0, None, Action.CALL_TODAY),  # new
        (2, 1, None, Action.CALL_NOW),  # worse than what is known
        (1, 1, Change.SAME, Action.NONE),
        (1, 1, Change.BETTER, Action.NONE),
        (1, 1, Change.WORSE, Action.CALL_TODAY),  # worse is treated as new
        (1, 1, None, Action.TALK_AT_VISIT),  # not said: nobody may take it for the same
        (1, 2, Change.SAME, Action.NONE),
        (2, 2, Change.WORSE, Action.CALL_NOW),
        (3, 3, Change.SAME, Action.NONE),
        (2, 1, Change.SAME, Action.CALL_NOW),  # a higher answer stands over the patient's word
        (0, 2, None, Action.NONE),
        (None, 1, Change.SAME, Action.TALK_AT_VISIT),
    ],
)
def test_an_alert_is_for_what_is_new_or_worse(
    item9: Answer, baseline: int | None, change: Change | None, action: Action
) -> None:
    assert action_for(item9, baseline=baseline, change=change) is action


@pytest.mark.parametrize(
    ("item9", "values", "shown"),
    [
        (0, {}, Help.NONE),  # no message about safety at all
        (1, {}, Help.FULL_PAGE),
        (3, {}, Help.FULL_PAGE),
        (None, {}, Help.LINE),
        (1, {"baseline": 1}, Help.LINE_AND_QUESTION),
        (2, {"baseline": 1}, Help.FULL_PAGE),
    ],
)
def test_help_is_shown_for_every_positive_answer(item9: Answer, values: dict[str, Any], shown: Help) -> None:
    assert decide(SafetyAnswers(item9), **values).help is shown


@pytest.mark.parametrize(
    ("change", "shown"), [(Change.SAME, Help.LINE), (Change.BETTER, Help.LINE), (Change.WORSE, Help.FULL_PAGE)]
)
def test_the_help_line_stays_for_an_unchanged_answer(change: Change, shown: Help) -> None:
    assert decide(SafetyAnswers(1, change=change), baseline=1).help is shown


@pytest.mark.parametrize(
    ("item9", "is_near", "raises_alert", "joins_visit"),
    [(3, False, True, False), (3, True, False, True), (None, False, True, False), (0, True, False, False)],
)
def test_an_answer_close_to_a_visit_becomes_a_line_of_its_pre_check(
    item9: Answer, is_near: bool, raises_alert: bool, joins_visit: bool
) -> None:
    found: SafetyDecision = decide(SafetyAnswers(item9), is_visit_within_24h=is_near)
    assert (found.raises_alert, found.joins_visit) == (raises_alert, joins_visit)


@pytest.mark.parametrize("item9", [4, -1, "yes", True])
def test_what_is_no_item_9_is_an_error_and_never_nothing(item9: Any) -> None:
    with pytest.raises(ValueError, match="0 to 3"):
        decide(SafetyAnswers(item9))


def test_a_decision_names_its_rule_and_that_the_clinic_has_to_sign_it() -> None:
    found = decide(SafetyAnswers(3))
    assert found.reason == "item 9 is 3"
    assert found.rules_version
    assert not found.is_verified
