"""Reads of contacts with patients, and of when bad news may take effect at a site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from intake.domain.bad_news import Try, WorkingHours
from intake.domain.reviews import ContactOutcome
from intake.extensions import current_session
from intake.models.scores import Contact
from intake.models.sites import Site
from intake.queries import schedules


def contacts_of(patient_id: UUID) -> Sequence[Contact]:
    """Every contact and try, the newest first."""
    rows = select(Contact).where(Contact.patient_id == patient_id).order_by(Contact.at.desc(), Contact.id.desc())
    return current_session().scalars(rows).all()


def contacts_since(patient_id: UUID, since: datetime) -> Sequence[Contact]:
    """Contacts and tries from an instant on (in), in order of time."""
    rows = select(Contact).where(Contact.patient_id == patient_id, Contact.at >= since)
    return current_session().scalars(rows.order_by(Contact.at, Contact.id)).all()


def tries_of(rows: Sequence[Contact]) -> list[Try]:
    """The same as the rules of bad news read them."""
    return [Try(row.at, row.outcome == ContactOutcome.REACHED, row.safety_checked) for row in rows]


def working_hours(site: Site, now: datetime) -> WorkingHours:
    """A site's week and closures."""
    rules = schedules.site_rules(site, first=now.date())
    return WorkingHours(rules.hours, rules.closures, rules.timezone)
