"""Simulated years in the line: asked once, worked by one worker, ended by figures or by whoever asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask

from intake.domain.errors import DomainError
from intake.domain.roles import Role
from intake.extensions import db, transaction
from intake.models.simulations import SimulationRun
from intake.queries import simulations as reads
from intake.services import simulations
from tests import factories
from tests.factories import NOW


def ask(site_id: UUID | None = None, **values: object) -> UUID:
    """A question about a quiet clinic, so that it is soon played."""
    fields: dict[str, object] = {"question": "chair", "orders_per_week": 0.4, "seed": 1, "request_key": uuid4()}
    fields |= values
    site_id = site_id or factories.a_site()
    protocol_id = fields.pop("protocol_id", None) or factories.a_protocol(name=f"Protocol {uuid4().hex[:6]}")
    actor_id = factories.an_account(Role.MANAGER)
    return simulations.ask(site_id, protocol_id, actor_id=actor_id, now=NOW, **fields)  # type: ignore[arg-type]


def row_of(run_id: UUID) -> SimulationRun:
    db.session.rollback()
    return reads.run(run_id)


def at_noon() -> datetime:
    return NOW


@pytest.mark.parametrize(
    ("question", "columns"),
    [("chair", ["as today", "with one more chair"]), ("ways", ["planner", "by hand", "next free"])],
)
def test_a_question_is_played_and_answered(app: Flask, question: str, columns: list[str]) -> None:
    run_id = ask(question=question)
    assert simulations.work("one", at_noon)
    row = row_of(run_id)
    assert [one["way"] for one in row.figures or []] == columns
    assert (row.percent, row.words, row.finished_at) == (100, "", NOW)
    assert not simulations.work("one", at_noon)


def test_pressed_twice_it_is_asked_once(app: Flask) -> None:
    site_id, key, protocol_id = factories.a_site(), uuid4(), factories.a_protocol()
    first = ask(site_id, request_key=key, protocol_id=protocol_id)
    assert ask(site_id, request_key=key, protocol_id=protocol_id) == first
    assert len(reads.latest(site_id)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"question": "roof"}, "question"),
        ({"orders_per_week": 0}, "orders_per_week"),
        ({"orders_per_week": 61}, "orders_per_week"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(app: Flask, values: dict[str, object], field: str) -> None:
    site_id = factories.a_site()
    with pytest.raises(DomainError) as refused:
        ask(site_id, **values)
    assert refused.value.field == field
    assert reads.latest(site_id) == []


def test_a_sixth_open_run_of_a_site_is_refused(app: Flask) -> None:
    site_id = factories.a_site()
    for _ in range(5):
        ask(site_id)
    with pytest.raises(DomainError, match="Five runs are waiting"):
        ask(site_id)
    assert len(reads.latest(site_id)) == 5


def test_a_run_that_was_ended_is_not_worked_and_keeps_no_figures(app: Flask) -> None:
    run_id = ask()
    simulations.end(run_id, actor_id=factories.an_account(Role.MANAGER), now=NOW)
    assert not simulations.work("one", at_noon)
    assert (row_of(run_id).figures, row_of(run_id).words) == (None, "Ended.")


def test_ended_while_it_is_played_it_stops(app: Flask) -> None:
    run_id, calls = ask(), 0

    def clock() -> datetime:
        nonlocal calls
        calls += 1
        if calls == 6:
            with transaction() as session:
                session.get_one(SimulationRun, run_id).finished_at = NOW
        return NOW

    assert simulations.work("one", clock)
    assert row_of(run_id).figures is None
    assert 0 < row_of(run_id).percent < 50


def test_what_a_killed_worker_left_is_taken_up_after_its_lease_and_not_before(app: Flask) -> None:
    run_id = ask()
    with transaction() as session:
        row = session.get_one(SimulationRun, run_id)
        row.owner, row.leased_until, row.percent = "killed", NOW + simulations.LEASE, 40
    assert not simulations.work("other", at_noon)
    assert simulations.work("other", lambda: NOW + simulations.LEASE)
    assert row_of(run_id).owner == "other" and row_of(run_id).figures


def test_a_worker_whose_run_was_taken_over_writes_nothing(app: Flask) -> None:
    run_id, calls = ask(), 0

    def clock() -> datetime:
        nonlocal calls
        calls += 1
        if calls == 6:
            with transaction() as session:
                session.get_one(SimulationRun, run_id).owner = "other"
        return NOW + timedelta(seconds=calls)

    assert simulations.work("one", clock)
    assert (row_of(run_id).figures, row_of(run_id).finished_at) == (None, None)
