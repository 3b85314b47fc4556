"""How what a patient types is read: limits, partial dates, unreadable signs, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from intake.domain.form import about, medicine, phq9, reason, trial, trial_words, whole
from intake.domain.form.pages import PARTS, Page
from intake.domain.form.reader import UNREADABLE, AnswerFaults, Reader, is_unreadable
from intake.domain.history.trials import Improvement, StopReason

TODAY = date(2026, 12, 1)
DOSE = {"mg_per_day": "50", "start": "spring 2019", "stop": "fall 2019"}
EFFECT = {
    "adherence": "good",
    "improvement": "little",
    "wore_off": "no",
    "stop_reason": "no benefit",
    "episode": "current",
    "added_to": "",
}
MEDICINE = {"name": "Xanax", "dose": "1 mg", "frequency": "twice-daily", "last_taken": "today", "reason": "Sleep"}


def course(*doses: Mapping[str, Any], treatment: str = "Zoloft", still_taking: bool = False) -> trial.Course:
    given = {"treatment": treatment, "still_taking": still_taking, "doses": [dict(dose) for dose in doses]}
    return trial.read_course(given, today=TODAY)


def faults(read: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(AnswerFaults) as caught:
        read()
    return caught.value.faults


@pytest.mark.parametrize(
    ("typed", "number"),
    [("50", 50), ("37.5", 37.5), (".5", 0.5), ("50 mg", 50), ("50MG", 50), ("0.0001", 0.0001), ("999999", 999999)],
)
def test_a_number_may_carry_its_unit(typed: str, number: float) -> None:
    reader = Reader({"dose": typed})
    assert reader.number("dose", ask="ask") == number
    reader.finish()


@pytest.mark.parametrize("typed", ["0", "-1", "1000000", "1e3", "five", "5 g", "١٢", "5 0", "0.00001", "--", "1.2.3"])
def test_what_is_no_number_above_zero_is_asked_again(typed: str) -> None:
    reader = Reader({"dose": typed})
    assert reader.number("dose", ask="Enter a number") is None
    assert reader.faults == {"dose": "Enter a number"}


@pytest.mark.parametrize("typed", ["37,5", "1,000", "5,0 mg"])
def test_a_comma_is_named(typed: str) -> None:
    reader = Reader({"dose": typed})
    reader.number("dose", ask="ask")
    assert reader.faults == {"dose": "Write the number with a point, such as 37.5"}


@pytest.mark.parametrize(("length", "is_kept"), [(120, True), (121, False)])
def test_a_text_is_as_long_as_its_limit(length: int, is_kept: bool) -> None:
    reader = Reader({"name": "x" * length})
    assert bool(reader.text("name", most=120)) is is_kept


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\ufffd", "\ud800", "\x7f"])
def test_signs_that_cannot_be_kept_are_named(sign: str) -> None:
    reader = Reader({"name": f"Ana{sign}"})
    assert reader.text("name", most=80) == ""
    assert reader.faults == {"name": UNREADABLE}


def test_names_of_all_people_can_be_read() -> None:
    assert not any(map(is_unreadable, ["Nuñez", "O’Brien", "李小龍", "مريم", "Zoë 👩‍⚕️", "two\nlines\there"]))


@pytest.mark.parametrize("value", [None, 5, ["a"], {"b": 1}])
def test_whatever_is_not_text_counts_as_empty(value: object) -> None:
    reader = Reader({"name": value, "side": value})
    assert reader.text("name", most=5) == ""
    assert reader.choices("side", {"x": "X"}) == ()


def test_doses_are_read_in_order_and_empty_rows_passed_over() -> None:
    empty = {"mg_per_day": "", "start": "", "stop": "", "about": "", "unit": "weeks"}
    read = course(DOSE, empty, {"mg_per_day": "100", "about": "3", "unit": "months"})
    assert trial_words.doses_in_words(read) == ("50 mg a day, spring 2019 to fall 2019", "100 mg a day, about 13 weeks")


@pytest.mark.parametrize(("about", "unit", "is_taken"), [("5218", "weeks", True), ("5219", "weeks", False),
                                                          ("1200", "months", True), ("1201", "months", False),
                                                          ("999999", "months", False)])  # fmt: skip
def test_nobody_took_anything_for_more_than_a_hundred_years(about: str, unit: str, is_taken: bool) -> None:
    row = {"mg_per_day": "100", "about": about, "unit": unit}
    if is_taken:
        assert course(row).doses[0].about_weeks
    else:
        assert "100 years" in faults(lambda: course(row))["doses-0-about"]


def test_a_fault_names_the_row_as_it_stands_on_the_page() -> None:
    empty = {"mg_per_day": ""}
    assert list(faults(lambda: course(DOSE, empty, DOSE | {"mg_per_day": "-1"}))) == ["doses-2-mg_per_day"]
    backwards = DOSE | {"start": "2020", "stop": "2019"}
    assert faults(lambda: course(empty, backwards)) == {"doses-1-stop": "Enter a stop that is not before its start"}


@pytest.mark.parametrize(
    ("start", "stop", "is_read"),
    [
        ("2019", "2019", True),  # some reading has it in order
        ("fall 2019", "spring 2019", False),
        ("2019-03-08", "2019-03-08", True),
        ("2019-03-08", "2019-03-07", False),
        ("winter 2019", "2018-12-01", True),
        ("winter 2019", "2018-11-30", False),
    ],
)
def test_a_stop_lies_before_its_start_only_when_it_does_in_every_reading(start: str, stop: str, is_read: bool) -> None:
    if is_read:
        assert course(DOSE | {"start": start, "stop": stop}).doses[0].stop
    else:
        assert "doses-0-stop" in faults(lambda: course(DOSE | {"start": start, "stop": stop}))


@pytest.mark.parametrize(("start", "is_read"), [("2026-12-01", True), ("December 2026", True), ("2026-12-02", False)])
def test_no_date_lies_in_the_future(start: str, is_read: bool) -> None:
    row = DOSE | {"start": start, "stop": ""}
    if is_read:
        assert course(row)
    else:
        assert faults(lambda: course(row)) == {"doses-0-start": "Enter a date that is not in the future"}


def test_a_medicine_still_taken_has_no_stop() -> None:
    read = course(DOSE | {"stop": ""}, still_taking=True)
    assert read.doses[0].is_ongoing
    assert "doses-0-stop" in faults(lambda: course(DOSE, still_taking=True))


def test_forgotten_is_an_answer_and_nothing_is_not() -> None:
    read = course({"dose_forgotten": True, "time_forgotten": True})
    assert trial_words.doses_in_words(read) == ("dose not remembered, dates not remembered",)
    assert set(faults(lambda: course({}))) == {"doses-0-mg_per_day", "doses-0-start"}


@pytest.mark.parametrize("treatment", ["TMS", "ECT"])
def test_a_treatment_without_milligrams_needs_no_dose(treatment: str) -> None:
    read = course({"start": "2020", "stop": "2021"}, treatment=treatment)
    assert trial_words.doses_in_words(read) == ("2020 to 2021",)
    assert not read.asks_dose


@pytest.mark.parametrize(("mg", "is_read"), [("4000", True), ("4001", False)])
def test_a_dose_over_twenty_times_the_maximum_is_an_entry_error(mg: str, is_read: bool) -> None:
    if is_read:
        assert course(DOSE | {"mg_per_day": mg})
    else:
        assert "doses-0-mg_per_day" in faults(lambda: course(DOSE | {"mg_per_day": mg}))


@pytest.mark.parametrize(
    ("said", "improvement"),
    [
        ("worse", Improvement.WORSE),
        ("none", Improvement.UNDER_25),
        ("little", Improvement.UNDER_25),
        ("some", Improvement.FROM_25_TO_49),
        ("half", Improvement.AT_LEAST_50),
        ("well", Improvement.AT_LEAST_50),
        ("unknown", Improvement.UNKNOWN),
    ],
)
def test_a_patients_words_become_the_rules_codes(said: str, improvement: Improvement) -> None:
    read = course(DOSE)
    effect = trial.read_effect(EFFECT | {"improvement": said}, read, others=())
    assert trial.trial_of("a", read, effect).improvement is improvement


def test_why_it_stopped_is_asked_only_of_what_has_stopped() -> None:
    going_on = course(DOSE | {"stop": ""}, still_taking=True)
    effect = trial.read_effect(EFFECT | {"stop_reason": "cost"}, going_on, others=())
    assert effect.stop_reason is StopReason.STILL_TAKING
    assert "stop_reason" in faults(lambda: trial.read_effect(EFFECT | {"stop_reason": ""}, course(DOSE), others=()))


def test_a_trial_is_added_only_to_another_of_the_list() -> None:
    read = course(DOSE)
    assert trial.read_effect(EFFECT | {"added_to": "b"}, read, others={"b"}).added_to == "b"
    assert "added_to" in faults(lambda: trial.read_effect(EFFECT | {"added_to": "a"}, read, others={"b"}))


@pytest.mark.parametrize(
    ("dose", "frequency", "typed", "mg"),
    [
        ("20 mg", "once-daily", "", 20),
        ("0.5mg", "three-times-daily", "", 1.5),
        ("20 mg", "every-other-day", "", 10),
        ("70 mg", "weekly", "", 10),
        ("1 mg", "as-needed", "", None),
        ("1 tablet", "once-daily", "", None),
        ("20 mg", "once-daily", "40", 40),
        ("1 mg", "as-needed", "2", 2),
    ],
)
def test_the_daily_amount_is_reckoned_only_where_it_is_plain(
    dose: str, frequency: str, typed: str, mg: float | None
) -> None:
    given = MEDICINE | {"dose": dose, "frequency": frequency, "mg_per_day": typed}
    assert medicine.read_medicine(given, today=TODAY).mg_per_day == mg


def test_yesterday_stays_the_day_that_it_was() -> None:
    kept = medicine.settled(MEDICINE | {"last_taken": "yesterday"}, today=TODAY)
    read = medicine.read_medicine(kept, today=date(2026, 12, 24))
    assert read.last_taken and read.last_taken.text == "2026-11-30"


@pytest.mark.parametrize("typed", ["", "November 2026", "12/2/2026"])
def test_another_day_is_one_day_that_was(typed: str) -> None:
    given = MEDICINE | {"last_taken": "day", "last_taken_on": typed}
    assert "last_taken_on" in faults(lambda: medicine.read_medicine(given, today=TODAY))


def test_the_unscored_item_is_needed_only_after_a_problem() -> None:
    none = {f"item_{n}": "0" for n in range(1, 10)}
    assert "difficulty" not in phq9.read_phq9(none).answers
    assert list(faults(lambda: phq9.read_phq9(none | {"item_1": "1"}))) == ["item_difficulty"]


@pytest.mark.parametrize(("item", "is_read"), [("item_9", True), ("item_8", False)])
def test_only_the_safety_item_can_be_kept_for_a_talk(item: str, is_read: bool) -> None:
    given = {f"item_{n}": "0" for n in range(1, 10)} | {"item_difficulty": "0", item: "discuss"}
    if is_read:
        assert phq9.read_phq9(given).answers["9"] == "discuss"
    else:
        assert item in faults(lambda: phq9.read_phq9(given))


def test_an_episodes_start_may_be_forgotten_but_not_skipped() -> None:
    assert reason.read_reason({"reason": "pain", "began_forgotten": True}, today=TODAY).began is None
    assert "began" in faults(lambda: reason.read_reason({"reason": "pain"}, today=TODAY))


@pytest.mark.parametrize(
    ("month", "day", "year"),
    [("2", "30", "1985"), ("", "", ""), ("a", "1", "1985"), ("1", "1", "85"), ("²", "1", "1985")],
)
def test_a_birth_date_is_a_date(month: str, day: str, year: str) -> None:
    given = {"given_name": "A", "family_name": "B", "sex": "male", "born": {"month": month, "day": day, "year": year}}
    assert set(faults(lambda: about.read_you(given, today=TODAY))) <= {"born-month", "born-year"}


def test_an_empty_form_misses_every_page_once() -> None:
    missing = whole.read_form([], today=TODAY).missing
    expected = [(page, part) for page in Page for part in PARTS[page] if page not in (Page.TRIAL, Page.MEDICINE)]
    assert sorted((gap.page, gap.part) for gap in missing) == sorted(expected)


def test_a_list_that_said_none_is_not_whole_once_something_is_added() -> None:
    said = whole.Written(Page.MEDICINES, "", 0, {"list": {"everything": "none"}})
    added = whole.Written(Page.MEDICINE, "a", 0, {"medicine": MEDICINE})
    pages = {gap.page for gap in whole.read_form([said, added], today=TODAY).missing}
    assert Page.MEDICINES in pages
    assert Page.MEDICINES not in {gap.page for gap in whole.read_form([said], today=TODAY).missing}


def test_trials_stand_in_order_of_time() -> None:
    def written(item: str, start: str) -> whole.Written:
        answers = {"treatment": item, "doses": [DOSE | {"start": start, "stop": ""}]}
        return whole.Written(Page.TRIAL, item, 0, {"course": answers})

    drafts = [written("late", "2020"), written("early", "2001"), written("middle", "spring 2010")]
    assert [one.item for one in whole.read_form(drafts, today=TODAY).trials] == ["early", "middle", "late"]
