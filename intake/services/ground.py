"""What a booking stands on, and the session that is to be placed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from intake.domain import clinic_time
from intake.domain.errors import DomainError
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import Calendar
from intake.models.people import Patient
from intake.models.sites import Chair, Site


class NoLongerHolds(DomainError):
    """What was shown breaks a rule by now. `offer` is what can be had instead, once it was looked for."""

    def __init__(self, message: str, *, offer: object = None) -> None:
        super().__init__(message)
        self.offer = offer


@dataclass(frozen=True, slots=True)
class Ground:
    """What a booking stands on: a site with all that is booked there, and the patient, read behind their locks."""

    session: Session
    site: Site
    calendar: Calendar
    empty: Calendar  # the same with nothing booked
    patient: Patient
    now: datetime

    def instant(self, slot: values.Slot, minutes: int = 0) -> datetime:
        """When a slot begins, or a time so many minutes later: the clock may change at the very moment it ends."""
        return clinic_time.to_utc(slot.day, slot.start, self.site.timezone) + timedelta(minutes=minutes)

    def chair(self, name: str) -> Chair | None:
        """The chair of that name; None for no name."""
        return next((chair for chair in self.site.chairs if chair.name == name), None)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One session at one slot. `key` is the appointment's; a slot without a chair takes none."""

    key: UUID
    slot: values.Slot
    session: values.Session
    provider_id: UUID | None = None
    overbooked: str | None = None  # why it may pass the limits of watch units and starts
