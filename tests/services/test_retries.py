"""Trying again where two writers crossed, and saying "busy" where a lock was not given."""

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from intake.services import retries
from intake.services.errors import Busy
from intake.services.retries import retried

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(retries, "PAUSE_SECONDS", 0)


def an_error(state: str) -> OperationalError:
    cause = sqlite3.OperationalError()
    if state.startswith("SQLITE"):
        cause.sqlite_errorname = state
    else:
        cause.sqlstate = state
    return OperationalError("INSERT", {}, cause)


class Work:
    """Fails as often as told, then answers."""

    def __init__(self, state: str, failures: int) -> None:
        self.state, self.failures, self.calls = state, failures, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise an_error(self.state)
        return "done"


def wrapped(work: Work):
    def call() -> str:
        return work()

    return retried(call)


@pytest.mark.parametrize("state", ["40001", "40P01", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT"])
def test_crossed_writers_get_three_tries_in_all(state):
    work = Work(state, 2)
    assert wrapped(work)() == "done"
    with pytest.raises(Busy):
        wrapped(Work(state, 3))()


def test_a_lock_that_is_not_given_in_time_is_busy_at_once():
    work = Work("55P03", 1)
    with pytest.raises(Busy):
        wrapped(work)()
    assert work.calls == 1


def test_any_other_failure_is_not_tried_again():
    work = Work("23505", 1)
    with pytest.raises(OperationalError):
        wrapped(work)()
    assert work.calls == 1
