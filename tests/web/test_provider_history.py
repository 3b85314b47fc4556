"""What the chart says of a history whose trials overlap, are close, or leave a question that decides."""

from __future__ import annotations

from flask import Flask

from tests.charts import a_trial
from tests.web.provider import a_case, at_work


def test_the_chart_says_what_counts_as_one_what_is_close_and_which_question_decides(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        a_trial(case.patient, "sertraline", dates=("2024-01-01", "2024-12-31"), position=0)
        a_trial(case.patient, "bupropion XL", mg=300, dates=("2024-03-01", "2024-12-31"), position=1)
        a_trial(case.patient, "mystery pill", position=2)
    page = at_work(app, case.provider).get(case.chart)
    for words in (
        "One adequate failed trial in this episode, sertraline together with bupropion extended-release; one unclear",
        "Sertraline and bupropion extended-release were taken over the same weeks: counted as one",
        "Counts as entered: 1 adequate failed · 1 under 25 % · 1 unclear",
        "Which treatment is meant? could change the statement",
    ):
        assert words in page, words


def test_medicines_that_are_close_are_flagged_and_counted_as_two(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        a_trial(case.patient, "Celexa", mg=20, position=0)
        a_trial(case.patient, "Lexapro", mg=10, position=1)
        a_trial(case.patient, "mystery pill", position=2)
    page = at_work(app, case.provider).get(case.chart)
    assert "Citalopram and escitalopram are closely related: counted as two" in page
    assert "could change the statement" not in page


def test_an_augmentation_is_judged_beside_its_base(app: Flask) -> None:
    case = a_case(app)
    with app.app_context():
        base = a_trial(case.patient, "sertraline", mg=25, dates=("2024-01-01", "2024-12-31"), position=0)
        a_trial(case.patient, "lithium", mg=900, dates=("2024-02", "2024-09"), position=1, added_to_id=base)
    page = at_work(app, case.provider).get(case.chart)
    assert "the base antidepressant sertraline was under its minimum dose" in page
    assert "Rule 16" in page
