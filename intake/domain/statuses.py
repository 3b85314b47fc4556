"""What an appointment, a consultation, a series and an order can be, and which moves are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

from intake.domain.errors import DomainError


class Status(StrEnum):
    """Where an appointment stands; HL7 FHIR R4 appointment codes and our own `clinic-hold`."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CHECKED_IN = "checked-in"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "noshow"
    CLINIC_HOLD = "clinic-hold"


class ConsultationStatus(StrEnum):
    """Where a consultation stands, from the first saved answer to the decision."""

    DRAFT = "draft"
    CORE_COMPLETE = "core-complete"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REFERRED = "referred"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class SeriesStatus(StrEnum):
    """Where a series stands."""

    PROPOSED = "proposed"
    BOOKED = "booked"
    COMPLETED = "completed"
    STOPPED = "stopped"


class OrderStatus(StrEnum):
    """Where an order stands; an amended order is in force like a signed one."""

    SIGNED = "signed"
    AMENDED = "amended"
    STOPPED = "stopped"
    EXPIRED = "expired"


AnyStatus = TypeVar("AnyStatus", Status, ConsultationStatus, SeriesStatus, OrderStatus)

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.BOOKED: frozenset({Status.ARRIVED, Status.CANCELLED, Status.NO_SHOW, Status.CLINIC_HOLD}),
    Status.ARRIVED: frozenset({Status.CHECKED_IN, Status.CANCELLED, Status.CLINIC_HOLD, Status.BOOKED}),
    Status.CHECKED_IN: frozenset({Status.FULFILLED, Status.CLINIC_HOLD, Status.ARRIVED}),
    Status.FULFILLED: frozenset({Status.CHECKED_IN}),  # undo
    Status.CLINIC_HOLD: frozenset({Status.BOOKED}),
    Status.CANCELLED: frozenset({Status.BOOKED}),  # undo, while its claims are free
    Status.NO_SHOW: frozenset({Status.ARRIVED}),  # came late after all
}
UNDO: Mapping[Status, Status] = {
    Status.ARRIVED: Status.BOOKED,
    Status.CHECKED_IN: Status.ARRIVED,
    Status.FULFILLED: Status.CHECKED_IN,
    Status.CLINIC_HOLD: Status.BOOKED,
    Status.CANCELLED: Status.BOOKED,
    Status.NO_SHOW: Status.ARRIVED,
}
LIVE = frozenset({Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED})
"""The statuses whose appointments hold slot claims."""

_C = ConsultationStatus
_LEAVING = frozenset({_C.WITHDRAWN, _C.CLOSED})
CONSULTATION_MOVES: Mapping[ConsultationStatus, frozenset[ConsultationStatus]] = {
    _C.DRAFT: _LEAVING | {_C.CORE_COMPLETE, _C.SUBMITTED},
    _C.CORE_COMPLETE: _LEAVING | {_C.DRAFT, _C.SUBMITTED},  # back to draft: a core answer was taken out again
    _C.SUBMITTED: _LEAVING | {_C.IN_REVIEW},
    _C.IN_REVIEW: _LEAVING | {_C.SUBMITTED, _C.RETURNED, _C.ACCEPTED, _C.DECLINED, _C.REFERRED},
    _C.RETURNED: _LEAVING | {_C.SUBMITTED},
    _C.ACCEPTED: frozenset({_C.IN_REVIEW, _C.CLOSED}),  # back to review: something new came up
    _C.DECLINED: frozenset({_C.IN_REVIEW, _C.CLOSED}),
    _C.REFERRED: frozenset({_C.IN_REVIEW, _C.CLOSED}),
    _C.WITHDRAWN: frozenset(),
    _C.CLOSED: frozenset(),
}
OPEN_CONSULTATION = frozenset({_C.DRAFT, _C.CORE_COMPLETE, _C.SUBMITTED, _C.IN_REVIEW, _C.RETURNED})
"""A patient has at most one consultation in these."""
PATIENT_MAY_EDIT = frozenset({_C.DRAFT, _C.CORE_COMPLETE, _C.RETURNED})

SERIES_MOVES: Mapping[SeriesStatus, frozenset[SeriesStatus]] = {
    SeriesStatus.PROPOSED: frozenset({SeriesStatus.BOOKED, SeriesStatus.STOPPED}),
    SeriesStatus.BOOKED: frozenset({SeriesStatus.COMPLETED, SeriesStatus.STOPPED}),
    SeriesStatus.COMPLETED: frozenset({SeriesStatus.BOOKED}),  # the last infusion's "done" was undone
    SeriesStatus.STOPPED: frozenset(),
}
LIVE_SERIES = frozenset({SeriesStatus.PROPOSED, SeriesStatus.BOOKED})

ORDER_MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.SIGNED: frozenset({OrderStatus.AMENDED, OrderStatus.STOPPED, OrderStatus.EXPIRED}),
    OrderStatus.AMENDED: frozenset({OrderStatus.AMENDED, OrderStatus.STOPPED, OrderStatus.EXPIRED}),
    OrderStatus.STOPPED: frozenset(),
    OrderStatus.EXPIRED: frozenset(),
}
LIVE_ORDER = frozenset({OrderStatus.SIGNED, OrderStatus.AMENDED})

_TABLES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {  # Any: each table has its own kind of status
    Status: MOVES,
    ConsultationStatus: CONSULTATION_MOVES,
    SeriesStatus: SERIES_MOVES,
    OrderStatus: ORDER_MOVES,
}

WORDS: Mapping[type[StrEnum], Mapping[str, str]] = {
    Status: {
        "checked-in": "checked in",
        "fulfilled": "done",
        "noshow": "missed visit",
        "clinic-hold": "clinic hold",
    },
    ConsultationStatus: {
        "draft": "being filled in",
        "core-complete": "first part complete",
        "in-review": "in review",
        "returned": "returned with questions",
    },
}
"""The words for a screen where they are not the code itself."""


def word_for(status: StrEnum) -> str:
    """The word for a status as staff screens show it: `noshow` reads "missed visit"."""
    return WORDS.get(type(status), {}).get(status.value, status.value)


def allowed_moves(current: AnyStatus) -> frozenset[AnyStatus]:
    """Every status that `current` may move to."""
    table = _TABLES[type(current)]
    return cast(frozenset[AnyStatus], table[current])


def move(current: AnyStatus, to: AnyStatus) -> AnyStatus:
    """Return `to` when the table allows the move; else raise `DomainError` that says what is possible."""
    allowed = allowed_moves(current)
    if to in allowed:
        return to
    possible = sorted(word_for(status) for status in allowed)
    rest = f"from here it can become: {', '.join(possible)}" if possible else "nothing follows that"
    raise DomainError(f"This is {word_for(current)} and cannot become {word_for(to)}; {rest}.")


def undo_target(current: Status) -> Status | None:
    """Where one press of undo takes an appointment, or None when there is nothing to undo."""
    return UNDO.get(current)
