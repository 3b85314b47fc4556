"""Loading a clinic from a file: sites, protocols, session kinds, policies, staff. Matched by name, idempotent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.roles import STAFF, Role
from intake.domain.scheduling.fields import Fields, refuse
from intake.domain.scheduling.protocols import default_protocol
from intake.domain.scheduling.reading import protocol_from_json, site_from_json
from intake.extensions import transaction
from intake.models.people import Account, AccountRole
from intake.models.sites import Policy, Protocol, SessionKind
from intake.services import audit, site_rows

R = TypeVar("R")
FROM_FILE = "the clinic's file"
KEYS = frozenset({"sites", "protocols", "session_kinds", "policies", "staff"})


def load(document: Any, *, now: datetime) -> dict[str, int]:
    """Bring a clinic's file into the tables, all of it or nothing; returns what was added or changed, by kind.

    A protocol whose rules differ becomes a new version. A site with booked appointments is only given
    further closures. Raises `DomainError` whose message begins with the key at fault.
    """
    clinic = Fields.of(document, "")
    unknown = set(document) - KEYS
    if unknown:
        refuse(min(unknown), f"unknown key; the file may have {', '.join(sorted(KEYS))}")
    with transaction() as session:
        changed = {
            "sites": sum(_site(session, entry, now) for entry in clinic.entries("sites", default=())),
            "protocols": sum(_protocol(session, entry, now) for entry in clinic.entries("protocols", default=())),
            "session_kinds": sum(
                _session_kind(session, entry) for entry in clinic.entries("session_kinds", default=())
            ),
            "policies": sum(_policy(session, entry, now) for entry in clinic.entries("policies", default=())),
            "staff": sum(_staff(session, entry, now) for entry in clinic.entries("staff", default=())),
        }
        audit.add(session, actor_id=None, action="clinic.load", subject=("clinic", "file"), now=now, detail=changed)
    return changed


def _site(session: Session, entry: Fields, now: datetime) -> bool:
    name = _name(entry)
    rules = _read(site_from_json, entry, f"sites.{name}")
    place = {key: entry.text(key, default="") for key in ("phone", "address")}
    return site_rows.bring_in(session, rules, place, now=now)


def _protocol(session: Session, entry: Fields, now: datetime) -> bool:
    """A new version where the rules differ from the newest one. `like` begins with a protocol that is shipped."""
    name = _name(entry)
    rules, source, sources = _protocol_rules(entry)
    _read(protocol_from_json, Fields.of(rules, "protocol"), f"protocols.{name}")
    newest = session.scalar(select(Protocol).where(Protocol.name == name).order_by(Protocol.version.desc()).limit(1))
    if newest is not None and newest.rules == rules:
        return False
    version = newest.version + 1 if newest is not None else 1
    session.add(Protocol(name=name, version=version, rules=rules, source=source, sources=sources, created_at=now))
    return True


def _protocol_rules(entry: Fields) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """The rules, their source in short, and the source of each value; a value of the file's own has the file's."""
    own = {key: value for key, value in entry.pairs() if key not in ("name", "source", "like")}
    source = entry.text("source", default="")
    stated = {key: {"source": source or FROM_FILE, "verified": False} for key in own}
    if "like" not in entry:
        return own, source, stated
    shipped = default_protocol(entry.text("like"))
    rules = {key: value for key, value in shipped.raw.items() if key != "name"} | own
    sources = "; ".join(dict.fromkeys(shipped.sources[key] for key in ("infusions", "per_week", "max_span_days")))
    return rules, entry.text("source", default=sources), shipped.stored_sources | stated


def _session_kind(session: Session, entry: Fields) -> bool:
    code = entry.text("code")
    row = session.scalar(select(SessionKind).where(SessionKind.code == code))
    if row is None:
        row = SessionKind(code=code)
        session.add(row)
    row.name = entry.text("name")
    row.minutes = entry.whole("minutes", least=1)
    row.turnover_minutes = entry.whole("turnover_minutes") if "turnover_minutes" in entry else 0
    row.needs_chair, row.needs_provider = _truth(entry, "needs_chair"), _truth(entry, "needs_provider")
    steps = entry.items("watch_profile", default=())
    row.watch_profile = [list(entry.whole_pair_in("watch_profile", step)) for step in steps]
    return session.is_modified(row) or row in session.new


def _policy(session: Session, entry: Fields, now: datetime) -> bool:
    name, value = _name(entry), entry.value("value")
    row = session.scalar(select(Policy).where(Policy.name == name))
    if row is None:
        session.add(Policy(name=name, value=value, set_at=now))
        return True
    if row.value == value:
        return False
    row.value, row.version, row.set_at = value, row.version + 1, now
    return True


def _staff(session: Session, entry: Fields, now: datetime) -> bool:
    """An account with its roles; it can be used once `flask staff invite` has given it a link."""
    email, roles = entry.text("email").strip().lower(), {_role(entry, text) for text in entry.texts("roles")}
    account = session.scalar(select(Account).where(Account.email == email))
    if account is None:
        account = Account(id=uuid7(), email=email, name=_name(entry), created_at=now)
        session.add(account)
    missing = roles - account.roles
    account.role_rows.extend(AccountRole(role=role) for role in sorted(missing))
    return bool(missing)


def _role(entry: Fields, text: str) -> Role:
    if text not in STAFF:
        refuse(entry.key("roles"), f"{text!r} is not one of {', '.join(sorted(STAFF))}")
    return Role(text)


def _name(entry: Fields) -> str:
    name = entry.text("name").strip()
    if not name:
        refuse(entry.key("name"), "is empty")
    return name


def _truth(entry: Fields, name: str) -> bool:
    value = entry.value(name)
    if not isinstance(value, bool):
        refuse(entry.key(name), f"{value!r} is neither true nor false")
    return value


def _read(reader: Callable[[Any], R], entry: Fields, path: str) -> R:
    """What a reader of the planning format makes of the entry; its refusal names the entry too."""
    try:
        return reader(dict(entry.pairs()))
    except DomainError as error:
        refuse(path, error.message)
