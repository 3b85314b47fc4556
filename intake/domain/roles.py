"""Who may do what: one table, asked by pages, templates and services alike."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the clinic; one person may be several."""

    PATIENT = "patient"
    DESK = "desk"
    NURSE = "nurse"
    PROVIDER = "provider"
    MEDICAL_DIRECTOR = "medical-director"
    MANAGER = "manager"


class Permission(StrEnum):
    """One thing that is allowed or not."""

    OWN_CONSULTATION = "own-consultation"
    SEE_BOARD = "see-board"
    BOOK = "book"
    OVERBOOK = "overbook"
    CLOSE = "close"
    READ_CHART = "read-chart"
    REVIEW = "review"
    SIGN_EVALUATION = "sign-evaluation"
    DECIDE = "decide"
    SIGN_ORDER = "sign-order"
    RECORD_CONTACT = "record-contact"
    CLOSE_ALERT = "close-alert"
    SIGN_RULES = "sign-rules"
    MANAGE_CLINIC = "manage-clinic"
    MANAGE_STAFF = "manage-staff"


_CLINICAL = {Permission.READ_CHART, Permission.RECORD_CONTACT, Permission.SEE_BOARD}
_PROVIDER = _CLINICAL | {
    Permission.REVIEW,
    Permission.SIGN_EVALUATION,
    Permission.DECIDE,
    Permission.SIGN_ORDER,
    Permission.CLOSE_ALERT,
    Permission.OVERBOOK,
}
ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.PATIENT: frozenset({Permission.OWN_CONSULTATION}),
    Role.DESK: frozenset({Permission.SEE_BOARD, Permission.BOOK, Permission.CLOSE}),
    Role.NURSE: frozenset(_CLINICAL),
    Role.PROVIDER: frozenset(_PROVIDER),
    Role.MEDICAL_DIRECTOR: frozenset(_PROVIDER | {Permission.SIGN_RULES}),
    Role.MANAGER: frozenset(
        {
            Permission.MANAGE_CLINIC,
            Permission.MANAGE_STAFF,
            Permission.SEE_BOARD,
            Permission.OVERBOOK,
            Permission.CLOSE,
        }
    ),
}
STAFF = frozenset(Role) - {Role.PATIENT}


def is_allowed(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of the roles carries the permission."""
    return any(permission in ALLOWED[role] for role in roles)
