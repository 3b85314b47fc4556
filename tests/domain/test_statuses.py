"""Status moves are a table: what follows what, and what one press of undo does."""

import pytest

from intake.domain.errors import DomainError
from intake.domain.statuses import (
    CONSULTATION_MOVES,
    LIVE,
    MOVES,
    ORDER_MOVES,
    SERIES_MOVES,
    ConsultationStatus,
    OrderStatus,
    SeriesStatus,
    Status,
    allowed_moves,
    move,
    undo_target,
    word_for,
)

DAY = [
    ("booked", "arrived cancelled noshow clinic-hold"),
    ("arrived", "checked-in cancelled clinic-hold booked"),
    ("checked-in", "fulfilled clinic-hold arrived"),
    ("fulfilled", "checked-in"),
    ("clinic-hold", "booked"),
    ("cancelled", "booked"),
    ("noshow", "arrived"),
]


@pytest.mark.parametrize(("current", "allowed"), DAY)
def test_an_appointment_moves_only_as_the_table_says(current, allowed):
    for to in Status:
        if to in allowed.split():
            assert move(Status(current), to) is to
        else:
            with pytest.raises(DomainError):
                move(Status(current), to)


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (Status, MOVES),
        (ConsultationStatus, CONSULTATION_MOVES),
        (SeriesStatus, SERIES_MOVES),
        (OrderStatus, ORDER_MOVES),
    ],
)
def test_every_status_has_its_row_and_never_moves_to_itself_except_an_amended_order(kind, table):
    assert set(table) == set(kind)
    assert {status for status in kind if status in table[status]} <= {OrderStatus.AMENDED}


def test_only_living_appointments_hold_claims():
    assert {"booked", "arrived", "checked-in", "fulfilled"} == LIVE


@pytest.mark.parametrize(
    ("current", "target"),
    [
        ("booked", None),
        ("arrived", "booked"),
        ("checked-in", "arrived"),
        ("fulfilled", "checked-in"),
        ("cancelled", "booked"),
        ("clinic-hold", "booked"),
        ("noshow", "arrived"),
    ],
)
def test_undo_goes_one_step_back_and_only_where_the_table_allows(current, target):
    assert undo_target(Status(current)) == target
    assert target is None or target in MOVES[Status(current)]


def test_a_refused_move_says_in_words_what_is_possible():
    with pytest.raises(
        DomainError, match="This is missed visit and cannot become done; from here.*: arrived"
    ) as caught:
        move(Status.NO_SHOW, Status.FULFILLED)
    assert "noshow" not in caught.value.message


def test_a_closed_consultation_goes_nowhere():
    with pytest.raises(DomainError, match="nothing follows"):
        move(ConsultationStatus.CLOSED, ConsultationStatus.DRAFT)


@pytest.mark.parametrize(
    "path",
    [
        "draft core-complete submitted in-review returned submitted in-review accepted closed",
        "draft submitted in-review declined",
        "draft submitted in-review referred",
        "returned withdrawn",
        "submitted withdrawn",
    ],
)
def test_a_consultation_lives_as_drawn(path):
    steps = [ConsultationStatus(step) for step in path.split()]
    for current, to in zip(steps, steps[1:], strict=False):
        assert move(current, to) is to


def test_nothing_is_decided_before_it_is_in_review():
    for status in (ConsultationStatus.DRAFT, ConsultationStatus.SUBMITTED, ConsultationStatus.RETURNED):
        assert not allowed_moves(status) & {"accepted", "declined", "referred"}


def test_a_stopped_order_stays_stopped():
    assert allowed_moves(OrderStatus.STOPPED) == frozenset()


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.NO_SHOW, "missed visit"),
        (Status.BOOKED, "booked"),
        (SeriesStatus.BOOKED, "booked"),
        (ConsultationStatus.RETURNED, "returned with questions"),
    ],
)
def test_screens_have_words_for_statuses(status, word):
    assert word_for(status) == word
