"""A site's rules as rows: the steps by which a clinic's file comes in. Shared steps that take the session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.domain.scheduling.fields import refuse
from intake.domain.scheduling.values import Shift as ShiftRule
from intake.domain.scheduling.values import Site as SiteRules
from intake.domain.scheduling.values import Span
from intake.domain.statuses import LIVE
from intake.models.appointments import Appointment
from intake.models.sites import Chair, Closure, Opening, Shift, Site, StartRule


def bring_in(session: Session, rules: SiteRules, place: Mapping[str, str], *, now: datetime) -> bool:
    """Add a site or bring it to these rules; whether anything changed.

    Its shifts are locked first, so that no booking slips in beside the change. A site with coming
    appointments is only given closures, and only where they strand nobody.
    """
    site = session.scalar(select(Site).where(Site.name == rules.name))
    if site is None:
        site = Site(name=rules.name, **_own_values(rules), **place)
        session.add(site)
        session.flush()
        _write_rules(session, site, rules, now.date())
        _add_closures(session, site, rules, ())
        return True
    session.scalars(select(Shift.id).where(Shift.site_id == site.id).with_for_update()).all()
    booked = _coming(session, site, now)
    changed = _change_rules(session, site, rules, booked, now.date())
    for key, value in place.items():
        setattr(site, key, value)
    return _add_closures(session, site, rules, booked) or changed or session.is_modified(site)


def _change_rules(session: Session, site: Site, rules: SiteRules, booked: Iterable[Appointment], today: date) -> bool:
    if _as_rows(rules) == _present_rows(site) and _own_values(rules) == {
        k: getattr(site, k) for k in _own_values(rules)
    }:
        return False
    if booked:
        refuse(f"sites.{site.name}", "has booked appointments, so its hours, chairs and shifts stay as they are")
    for row in (*site.openings, *site.shifts, *site.start_rules):
        session.delete(row)
    for key, value in _own_values(rules).items():
        setattr(site, key, value)
    session.flush()
    _write_rules(session, site, rules, today)
    return True


def _own_values(rules: SiteRules) -> dict[str, Any]:
    return {"timezone": rules.timezone, "slot_minutes": rules.slot_minutes, "starts_per_slot": rules.starts_per_slot}


def _write_rules(session: Session, site: Site, rules: SiteRules, today: date) -> None:
    """Chairs keep their numbers for ever: one that is no longer named is retired, a new one gets the next number."""
    known = {chair.name: chair for chair in session.scalars(select(Chair).where(Chair.site_id == site.id))}
    number = max((chair.number for chair in known.values()), default=0)
    for chair in rules.chairs:
        if chair.name not in known:
            number += 1
            session.add(Chair(site_id=site.id, number=number, name=chair.name, features=sorted(chair.features)))
        else:
            known[chair.name].features, known[chair.name].retired_on = sorted(chair.features), None
    for name in known.keys() - {chair.name for chair in rules.chairs}:
        known[name].retired_on = known[name].retired_on or today
    for model, values in _as_rows(rules)[1:]:
        session.add(_MODELS[model](site_id=site.id, **dict(values)))


_MODELS: Mapping[str, Any] = {"opening": Opening, "shift": Shift, "start_rule": StartRule}
Row = tuple[str, tuple[tuple[str, Any], ...]]


def _as_rows(rules: SiteRules) -> list[Row]:
    """The rules as comparable rows, chairs first in one of them."""
    chairs = tuple((chair.name, tuple(sorted(chair.features))) for chair in rules.chairs)
    rows = [
        ("opening", _values(weekday=day, opens=a, closes=b)) for day, spans in rules.hours.items() for a, b in spans
    ]
    rows += _shift_rows("shift", "monitoring", rules.monitoring)
    rows += _shift_rows("shift", "provider", rules.provider or ())
    rows += _shift_rows("start_rule", "no-start", rules.no_start)
    rows += _shift_rows("start_rule", "protected", rules.protected)
    return [("chairs", chairs), *sorted(rows)]


def _shift_rows(model: str, kind: str, shifts: Iterable[ShiftRule]) -> Iterator[Row]:
    for shift in shifts:
        for day in sorted(shift.days):
            capacity = {"capacity": shift.capacity} if model == "shift" else {}
            yield model, _values(kind=kind, weekday=day, starts=shift.start, ends=shift.end, **capacity)


def _present_rows(site: Site) -> list[Row]:
    chairs = tuple((c.name, tuple(sorted(c.features))) for c in site.chairs if c.retired_on is None)
    rows = [("opening", _values(weekday=o.weekday, opens=o.opens, closes=o.closes)) for o in site.openings]
    rows += [
        ("shift", _values(kind=s.kind, weekday=s.weekday, starts=s.starts, ends=s.ends, capacity=s.capacity))
        for s in site.shifts
    ]
    rows += [
        ("start_rule", _values(kind=r.kind, weekday=r.weekday, starts=r.starts, ends=r.ends)) for r in site.start_rules
    ]
    return [("chairs", chairs), *sorted(rows)]


def _values(**values: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(values.items())


def _add_closures(session: Session, site: Site, rules: SiteRules, booked: Iterable[Appointment]) -> bool:
    """Add closures that are not there yet; one that would strand an appointment is refused."""
    known = {(closure.on_date, closure.starts) for closure in site.closures}
    fresh = [(day, a, b) for day, spans in rules.closures.items() for a, b in spans if (day, a) not in known]
    for day, starts, ends in fresh:
        if any(_overlaps(row, site, day, (starts, ends)) for row in booked):
            refuse(f"sites.{site.name}.closures", f"{day} has booked appointments")
        session.add(Closure(site_id=site.id, on_date=day, starts=starts, ends=ends))
    return bool(fresh)


def _coming(session: Session, site: Site, now: datetime) -> list[Appointment]:
    coming = select(Appointment).where(
        Appointment.site_id == site.id, Appointment.ends_at > now, Appointment.status.in_(LIVE)
    )
    return list(session.scalars(coming))


def _overlaps(row: Appointment, site: Site, day: date, closed: Span) -> bool:
    zone = ZoneInfo(site.timezone)
    start, end = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    return row.on_date == day and start.hour * 60 + start.minute < closed[1] and closed[0] < end.hour * 60 + end.minute
