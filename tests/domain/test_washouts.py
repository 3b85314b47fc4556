"""Washouts: questions to the provider, with the days since the last dose."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from intake.domain.screening.medicines import Medicine, MedicineCheck, check
from intake.domain.screening.name_list import listed
from intake.domain.screening.sources import interactions, key_of
from intake.domain.screening.washouts import questions_of, washouts

INFUSION = datetime(2025, 7, 15, 9)  # noqa: DTZ001 - clinic time


def checked(name: str, last_taken: date | None, infusion_at: datetime | None = INFUSION) -> MedicineCheck:
    return check([Medicine("m1", name, last_taken=last_taken)], as_of=date(2025, 7, 10), infusion_at=infusion_at)


@pytest.mark.parametrize(
    ("name", "last_taken", "days"),
    [
        ("phenelzine", date(2025, 7, 2), [14]),
        ("phenelzine", date(2025, 7, 1), []),  # exactly 14 days is long enough
        ("phenelzine", None, [14]),
        ("Contrave", date(2025, 7, 13), [3]),  # by its naltrexone
        ("Contrave", date(2025, 7, 12), []),
        ("Ozempic", date(2025, 7, 9), [7]),
        ("Victoza", date(2025, 7, 14), []),
        ("Victoza", date(2025, 7, 15), [1]),
        ("zolft", None, []),
    ],
)
def test_a_washout_that_is_not_over_is_asked_about(name: str, last_taken: date | None, days: list[int]) -> None:
    assert [one.washout.days for one in questions_of(checked(name, last_taken))] == days


def test_the_question_says_how_long_ago_and_leaves_the_decision() -> None:
    (asked,) = questions_of(checked("Nardil", date(2025, 7, 12)))
    assert asked.text.startswith("Last dose 3 days before. The table speaks of 14 days (")
    assert asked.text.endswith("Wait, go ahead, or ask the prescriber?")
    (unknown,) = questions_of(checked("Nardil", None))
    assert unknown.text.startswith("When was the last dose?")


@pytest.mark.parametrize(
    ("last_taken", "infusion_at", "since"),
    [
        (date(2025, 7, 14), INFUSION, 1),
        (datetime(2025, 7, 15, 8), INFUSION, 0),  # noqa: DTZ001
        (date(2025, 7, 8), None, 2),  # up to the day of the list
        (date(2025, 7, 10), None, 0),
        (date(2025, 7, 12), None, None),  # after the day of the list
        (None, INFUSION, None),
    ],
)
def test_days_since_the_last_dose_run_up_to_the_infusion(
    last_taken: date | None, infusion_at: datetime | None, since: int | None
) -> None:
    assert checked("Zoloft", last_taken, infusion_at).medicines[0].days_since_last_dose == since


def test_every_washout_names_a_row_and_members_of_it_and_its_source() -> None:
    rows = {row.agent: {key_of(name) for name in row.members} for row in interactions()}
    for washout in washouts():
        assert washout.members <= rows[washout.row]
        assert washout.members <= set(listed())
        assert washout.days > 0 and washout.source
