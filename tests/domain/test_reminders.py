"""When a reminder is due."""

from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.reminders import due

START = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "kinds"),
    [
        (timedelta(hours=72, seconds=1), []),  # a second too early
        (timedelta(hours=72), ["reminder-72h"]),  # the limit itself counts
        (timedelta(hours=24, seconds=1), ["reminder-72h"]),
        (timedelta(hours=24), ["reminder-24h"]),  # booked late: the first reminder is left out
        (timedelta(hours=2, seconds=1), ["reminder-24h"]),
        (timedelta(hours=2), []),  # too late to be of use
        (timedelta(0), []),
    ],
)
def test_a_reminder_is_due_from_its_limit_until_the_next(before: timedelta, kinds: list[str]) -> None:
    assert [reminder.kind for reminder in due(START, START - before)] == kinds
