"""Counters are raised before anything else, exactly, and per window."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from intake.extensions import db, transaction
from intake.models.people import ThrottleCounter
from intake.services import throttle
from intake.services.errors import Throttled
from tests.factories import NOW
from tests.racing import race

TEN = throttle.Count("password", "pat@example.org", 10)


def tried(count: throttle.Count = TEN, now=NOW) -> bool:
    try:
        throttle.admit([count], now=now)
    except Throttled:
        return False
    return True


def test_the_tenth_try_passes_and_the_eleventh_does_not() -> None:
    assert [tried() for _ in range(11)] == [True] * 10 + [False]


def test_another_subject_and_another_scope_count_apart() -> None:
    for _ in range(11):
        tried()
    assert tried(throttle.Count("password", "other@example.org", 10))
    assert tried(throttle.Count("code", "pat@example.org", 10))


@pytest.mark.parametrize(("minutes", "passes"), [(0, False), (14, False), (15, True)])
def test_the_next_window_begins_anew(minutes: int, passes: bool) -> None:
    for _ in range(11):
        tried()
    assert tried(now=NOW + timedelta(minutes=minutes)) is passes


def test_what_is_given_back_can_be_tried_again() -> None:
    for _ in range(10):
        tried()
    with transaction() as session:
        throttle.give_back(session, TEN, now=NOW)
    assert [tried(), tried()] == [True, False]


def test_giving_back_never_goes_below_zero() -> None:
    with transaction() as session:
        throttle.give_back(session, TEN, now=NOW)
    assert [tried() for _ in range(11)] == [True] * 10 + [False]


def test_of_32_at_once_exactly_ten_pass(app: Flask) -> None:
    answers = race(app, lambda _: tried(), 32)
    assert answers.count(True) == 10
    assert answers.count(False) == 22


def test_an_address_is_kept_as_a_keyed_digest_only() -> None:
    tried()
    row = db.session.scalars(select(ThrottleCounter)).one()
    assert b"pat" not in row.subject
    assert len(row.subject) == 16
