"""What is free instead of a time that cannot be had: looked for after the transaction that refused it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from intake.domain import clinic_time
from intake.domain.scheduling import values
from intake.domain.scheduling.capacity import open_times
from intake.domain.scheduling.values import Slot
from intake.queries import schedules, sites
from intake.services.claims import TAKEN, Taken
from intake.services.placing import NoLongerHolds

OFFER_DAYS = 14
OFFERS = 6


def with_offer(
    error: Taken | NoLongerHolds, site_id: UUID, session: values.Session, slot: Slot, now: datetime
) -> Taken | NoLongerHolds:
    """The same refusal with the nearest free times."""
    site = sites.site(site_id)
    first = max(slot.day, clinic_time.local_day(now, site.timezone))
    days = [first + timedelta(days=ahead) for ahead in range(OFFER_DAYS)]
    offer = nearest_free(site_id, session, slot, days, now=now)
    rest = (
        "These are the nearest free times."
        if offer
        else f"Nothing else is free until {clinic_time.day_words(days[-1])}."
    )
    if isinstance(error, Taken):
        return Taken(f"{TAKEN} {rest}", offer=offer)
    return NoLongerHolds(f"{error.message} {rest}", offer=offer)


def nearest_free(
    site_id: UUID, session: values.Session, slot: Slot, days: Sequence[date], *, now: datetime
) -> tuple[Slot, ...]:
    """Up to six free times on those days, those nearest to a wanted slot first."""
    site = sites.site(site_id)
    calendar = schedules.calendar_of(site, days[0], days[-1], now=now)
    coming = [
        one
        for one in open_times(calendar, session, days)
        if clinic_time.to_utc(one.day, one.start, site.timezone) > now
    ]
    far = sorted(coming, key=lambda one: (abs((one.day - slot.day).days), abs(one.start - slot.start), one.day))
    return tuple(far[:OFFERS])
