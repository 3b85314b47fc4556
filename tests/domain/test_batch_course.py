"""The course of planning a batch: it stops when told to, says how far it has come, and takes any number of rounds."""

from __future__ import annotations

from intake.domain.scheduling.batch import plan_batch
from intake.domain.scheduling.batch_layout import Layout
from intake.domain.scheduling.batch_orders import one_by_one
from intake.domain.scheduling.batch_reading import batch_from_json, plan_to_json
from intake.domain.scheduling.batch_tables import Tables
from intake.domain.scheduling.checking_batch import check_batch
from tests.bench.batch_cases import batch_case

CASE = batch_case(11, series=14, chairs=2, load=0.95)
BATCH = batch_from_json(CASE)


class Asked:
    """Says no from the n-th question on."""

    def __init__(self, until: int) -> None:
        self.left = until
        self.questions = 0

    def __call__(self) -> bool:
        self.questions += 1
        self.left -= 1
        return self.left > 0


def test_a_plan_is_better_than_one_by_one_where_series_compete():
    tables = Tables(BATCH)
    single = min(one_by_one(tables, order).cost for order in (range(14), range(13, -1, -1)))
    plan = plan_batch(BATCH, keep_going=lambda: True, rounds=150)
    assert plan.cost < single
    assert check_batch(CASE, plan_to_json(plan)) == ([], plan.cost)


def test_prices_prove_more_than_each_series_alone():
    alone = sum(entry.alone for entry in Tables(BATCH).entries)
    plan = plan_batch(BATCH, keep_going=lambda: True, rounds=300)
    assert alone < plan.bound <= plan.cost


def test_more_rounds_never_make_it_worse():
    costs = [plan_batch(BATCH, keep_going=lambda: True, rounds=rounds).cost for rounds in (0, 40, 120)]
    assert costs == sorted(costs, reverse=True)


def test_it_ends_with_a_legal_plan_whenever_it_is_told_to_stop():
    for until in (1, 5, 20, 60, 160):
        asked = Asked(until)
        plan = plan_batch(BATCH, keep_going=asked)
        assert check_batch(CASE, plan_to_json(plan)) == ([], plan.cost)
        assert asked.questions <= until + 3, "a cancel is heeded at once"


def test_progress_tells_cost_bound_and_rounds_and_never_goes_back():
    said = []
    plan = plan_batch(BATCH, keep_going=lambda: True, rounds=60, progress=said.append)
    assert [p.rounds for p in said] == sorted(p.rounds for p in said)
    assert [p.cost for p in said] == sorted((p.cost for p in said), reverse=True)
    assert [p.bound for p in said] == sorted(p.bound for p in said)
    assert (said[-1].cost, said[-1].rounds) == (plan.cost, 60)


def test_what_leaves_the_board_leaves_no_trace():
    tables = Tables(BATCH)
    layout = Layout(tables)
    kinds = {track.kind for entry in tables.entries for track in entry.tracks}
    days = {day for entry in tables.entries for track in entry.tracks for day in track.offers}
    before = {(kind, day): layout.board.free_starts(kind, day) for kind in kinds for day in days}
    for place in range(5):
        layout.insert(place, 500)
    for place in list(layout.placed):
        layout.remove(place)
    assert {key: layout.board.free_starts(*key) for key in before} == before
