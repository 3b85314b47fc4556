"""The whole way once, in a real browser on real tables: from the home page to six infusions and what comes after."""

from __future__ import annotations

from pathlib import Path

import pytest
from icalendar import Calendar

from intake.services import calendar_files
from tests.scenarios.conftest import Open
from tests.scenarios.desk_steps import (
    infusions,
    then_booster_windows_are_due,
    then_three_plans_stand_side_by_side,
    when_somebody_is_marked_by_mistake_it_is_undone,
    when_the_day_of_an_infusion_goes_by,
    when_the_desk_books_all_six,
    when_the_desk_lays_out_the_series,
)
from tests.scenarios.patient_steps import (
    EMAIL,
    then_going_back_sends_nothing_twice,
    then_help_is_shown_at_once,
    then_the_patient_sees_six_appointments,
    when_somebody_asks_for_a_consultation,
    when_the_patient_answers_that_thoughts_of_self_harm_came_up,
    when_the_patient_asks_for_another_link,
    when_the_patient_checks_signs_and_sends,
    when_the_patient_fills_in_everything,
    when_the_patient_uses_the_link,
)
from tests.scenarios.provider_steps import (
    then_the_chart_shows_verdicts_and_findings,
    when_a_provider_claims_the_consultation,
    when_the_provider_accepts,
    when_the_provider_signs_the_order,
    when_the_provider_signs_the_visit,
)


@pytest.mark.browser
@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_from_the_home_page_to_six_infusions(given_a_clinic: Open, tmp_path: Path, has_script: bool) -> None:
    setting = given_a_clinic(has_script=has_script)

    when_somebody_asks_for_a_consultation(setting)
    when_the_patient_uses_the_link(setting)
    when_the_patient_fills_in_everything(setting)
    when_the_patient_answers_that_thoughts_of_self_harm_came_up(setting)
    then_help_is_shown_at_once(setting)
    when_the_patient_checks_signs_and_sends(setting)
    then_going_back_sends_nothing_twice(setting)

    setting.later(hours=1)
    when_a_provider_claims_the_consultation(setting)
    then_the_chart_shows_verdicts_and_findings(setting)
    when_the_provider_signs_the_visit(setting)
    when_the_provider_accepts(setting)
    when_the_provider_signs_the_order(setting)

    setting.later(hours=1)
    when_the_desk_lays_out_the_series(setting)
    then_three_plans_stand_side_by_side(setting)
    when_the_desk_books_all_six(setting)

    when_the_patient_asks_for_another_link(setting)
    then_the_file_says_when_and_nothing_else(then_the_patient_sees_six_appointments(setting, tmp_path))
    then_the_message_says_when_and_nothing_else(setting.newest_message(EMAIL, "confirmation"))

    days = infusions(setting)
    when_somebody_is_marked_by_mistake_it_is_undone(setting, days[0])
    for starts_at in days:
        when_the_day_of_an_infusion_goes_by(setting, starts_at)
    then_booster_windows_are_due(setting)


def then_the_file_says_when_and_nothing_else(file: bytes) -> None:
    """Six events with a neutral title, without a place, because this patient wants none."""
    events = Calendar.from_ical(file).walk("VEVENT")
    assert len(events) == 6
    assert {str(event["SUMMARY"]) for event in events} == {"Appointment"}
    assert not [event for event in events if "LOCATION" in event or "DESCRIPTION" in event]


def then_the_message_says_when_and_nothing_else(body: dict[str, str]) -> None:
    """The confirmation carries the same file and names neither treatment nor medicine."""
    then_the_file_says_when_and_nothing_else(calendar_files.made(body["calendar"]))
    words = f"{body['subject']} {body['text']}".lower()
    assert not [word for word in ("ketamine", "infusion", "depress", "lorazepam", "dose") if word in words]
