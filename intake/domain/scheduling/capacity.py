"""What is free: the one definition, used by search, planning, booking and the pages that say what breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from intake.domain.scheduling.values import Booking, Fault, Patient, Session, Site, Slot


class Calendar:
    """A site with its bookings; each day's occupancy is worked out once, when it is first asked for."""

    def __init__(self, site: Site, bookings: Iterable[Booking] = ()) -> None: ...


def reasons_against(slot: Slot, session: Session, calendar: Calendar, patient: Patient | None = None) -> list[Fault]:
    """Every rule (1 to 6 of a planning case) that a session would break at `slot`; none: it may be booked.

    Without a patient the patient's own rules (5, and needed features) are left out.
    """
    raise NotImplementedError


def candidates(
    calendar: Calendar, session: Session, days: Iterable[date], patient: Patient | None = None
) -> list[Slot]:
    """Every legal slot of those days, ordered by date, start and the site's order of chairs."""
    raise NotImplementedError


def open_times(
    calendar: Calendar, session: Session, days: Iterable[date], patient: Patient | None = None
) -> list[Slot]:
    """Each (day, start) at which the session can be booked, once, on the chair that it fragments least."""
    raise NotImplementedError


def holes_beside(slot: Slot, session: Session, calendar: Calendar, usable_minutes: int) -> int:
    """How many unusable holes (0, 1 or 2) a session at `slot` leaves beside it on its chair."""
    raise NotImplementedError
