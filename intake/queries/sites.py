"""Reads of sites, protocols and policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from intake.extensions import current_session
from intake.models.sites import Policy, Protocol, SessionKind, Site

__all__ = [
    "Clinic",
    "Protocol",
    "Site",
    "SiteName",
    "all_sites",
    "clinic",
    "current_protocols",
    "has_several",
    "policy",
    "session_kind",
    "site",
    "timezone_of",
]


@dataclass(frozen=True, slots=True)
class Clinic:
    """What pages say of the clinic itself."""

    name: str = "the clinic"
    phone: str = ""


@dataclass(frozen=True, slots=True)
class SiteName:
    """A site as the header shows it."""

    id: UUID
    name: str


def clinic() -> Clinic:
    """The clinic's name and phone, from the policy `clinic`."""
    return Clinic(**(policy("clinic") or {}))


def policy(name: str) -> Any:
    """The value of a policy, or None where the clinic has not set it."""
    return current_session().scalar(select(Policy.value).where(Policy.name == name))


def name_of(site_id: UUID | None) -> SiteName | None:
    """The name of a site, without its rules; without an id that of the first by name, None where there is none."""
    rows = select(Site.id, Site.name).order_by(Site.id != site_id, Site.name) if site_id else select(Site.id, Site.name)
    found = current_session().execute(rows.order_by(Site.name).limit(1)).first()
    return SiteName(found.id, found.name) if found else None


def with_rules() -> Select[Site]:
    """Sites with all their rules, read at once."""
    rules = (Site.chairs, Site.openings, Site.closures, Site.shifts, Site.start_rules)
    return select(Site).options(*(selectinload(rule) for rule in rules))


def chosen_or_first(site_id: UUID | None) -> Site | None:
    """That site, else the first by name; None where there is none."""
    rows = select(Site).order_by(Site.id != site_id, Site.name) if site_id else select(Site).order_by(Site.name)
    return current_session().scalar(rows.limit(1))


def all_sites() -> list[Site]:
    """Every site, by name, with chairs, hours, closures, shifts and start rules."""
    return list(current_session().scalars(with_rules().order_by(Site.name)))


def site(site_id: UUID) -> Site:
    """One site, its rules read when they are asked for; raises `NoResultFound`."""
    return current_session().get_one(Site, site_id)


def has_several() -> bool:
    """Whether the clinic has more than one site, so that patients have to be told which."""
    return len(current_session().scalars(select(Site.id).limit(2)).all()) > 1


def timezone_of(site_id: UUID) -> str:
    """The zone of a site, without the rest of it; raises `NoResultFound`."""
    return current_session().scalars(select(Site.timezone).where(Site.id == site_id)).one()


def current_protocols() -> list[Protocol]:
    """The newest version of each protocol that is not retired, by name."""
    rows = select(Protocol).where(Protocol.retired_at.is_(None)).order_by(Protocol.name, Protocol.version)
    newest = {row.name: row for row in current_session().scalars(rows)}
    return list(newest.values())


def session_kind(code: str) -> SessionKind:
    """One session kind by its code; raises `NoResultFound`."""
    return current_session().scalars(select(SessionKind).where(SessionKind.code == code)).one()
