"""The day board in words and places: what the macros of `components/board.html` take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from intake.domain import clinic_time, statuses
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.occupancy import phases
from intake.domain.statuses import LIVE, Status
from intake.queries import schedules
from intake.queries.appointments import Visit
from intake.queries.sites import Site
from intake.web import filters

QUARTER = 15
MOST_ROWS = 60
INFUSE_QUARTERS = 3
"""An infusion of 40 minutes as the board draws it; what is before is preparing, what is after recovering."""
GRACE = timedelta(minutes=15)
PRESSES: dict[Status, tuple[tuple[Status, str], ...]] = {
    Status.BOOKED: ((Status.ARRIVED, "Arrived"), (Status.NO_SHOW, "Missed"), (Status.CLINIC_HOLD, "Clinic hold")),
    Status.ARRIVED: ((Status.CHECKED_IN, "Checked in"), (Status.CLINIC_HOLD, "Clinic hold")),
    Status.CHECKED_IN: ((Status.FULFILLED, "Done"), (Status.CLINIC_HOLD, "Clinic hold")),
}
"""What one press can make of an appointment, the usual next step first; all of them are moves of the status table."""
USUAL = frozenset({Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED})
ON_THE_DAY = USUAL | {Status.NO_SHOW}
DRIVER, NO_DRIVER = "driver", "no-driver"
"""Presses that change no status: somebody is known, or nobody, who drives the patient home."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the day that is drawn: from and to in minutes, both on a quarter."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        """How many quarters are shown."""
        return (self.last - self.first) // QUARTER

    def row(self, minute: int) -> int:
        """The row of a minute, within the frame; the first one is 1."""
        return min(max((minute - self.first) // QUARTER, 0), self.rows - 1) + 1

    def span(self, start: int, end: int) -> int:
        """How many rows a stretch covers, the last one whole."""
        return max(-(-(min(end, self.last) - max(start, self.first)) // QUARTER), 1)

    def quarters(self, start: int, end: int) -> range:
        """The minutes on which the quarters begin that `[start, end)` touches."""
        return range(self.first + (start - self.first) // QUARTER * QUARTER, end, QUARTER)


def present_board(site: Site, day: date, visits: Sequence[Visit], now: datetime) -> dict[str, Any]:
    """Everything that the board's fragment shows. It depends on the clock by the quarter of an hour only."""
    rules = schedules.site_rules(site, first=day)
    calendar = Calendar(rules)
    frame = frame_of(calendar, day, visits)
    chairs = [chair for chair in site.chairs if chair.retired_on is None or chair.retired_on > day]
    lanes = {chair.id: place for place, chair in enumerate(chairs, 1)}
    is_today = clinic_time.local_day(now, site.timezone) == day
    entries = [entry_of(visit, is_today) for visit in visits]
    return {
        "chairs": [{"name": chair.name, "note": ", ".join(chair.features)} for chair in chairs],
        "rows": frame.rows,
        "hours": [{"row": frame.row(m), "label": hour_label(m)} for m in range(frame.first, frame.last, 60)],
        "blocks": [
            block_of(entry, lanes[entry.visit.appointment.chair_id], frame, is_today)
            for entry in entries
            if entry.visit.appointment.status in LIVE and entry.visit.appointment.chair_id in lanes
        ],
        "watch": list(watch_of(calendar, day, visits, frame)),
        "now_row": now_row(site, frame, now) if is_today else None,
        "list": [line_of(entry, quarter_of(now)) for entry in entries],
        "caption": f"{filters.full_day(day)}, {site.name}",
        "is_open": bool(calendar.day(day).openings),
    }


def frame_of(calendar: Calendar, day: date, visits: Iterable[Visit]) -> Frame:
    """Whole hours around opening times and everything booked, at most fifteen of them."""
    spans = list(calendar.day(day).openings) + [minutes_of(visit) for visit in visits]
    first = min((start for start, _ in spans), default=8 * 60) // 60 * 60
    last = -(-max((end for _, end in spans), default=17 * 60) // 60) * 60
    return Frame(first, min(last, first + MOST_ROWS * QUARTER))


def minutes_of(visit: Visit) -> tuple[int, int]:
    """From when to when an appointment lasts, in minutes after midnight."""
    row = visit.appointment
    start = clinic_time.minutes_of_day(row.starts_at, visit.zone)
    return start, start + int((row.ends_at - row.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit with what the grid and the list both say of it, worked out once."""

    visit: Visit
    start: int
    end: int
    presses: list[dict[str, Any]]
    said: dict[str, Any]


def entry_of(visit: Visit, is_today: bool) -> Entry:
    """A visit as both parts of the board show it."""
    row = visit.appointment
    start, end = minutes_of(visit)
    said = {
        "url": url_for("desk.appointment", appointment_id=row.id),
        "name": row.patient.full_name,
        "time": time_words(start, end),
        "what": what_of(visit),
        "status": row.status.value,
        "overbooked": is_overbooked(visit),
    }
    return Entry(visit, start, end, presses_of(visit, is_today), said)


def block_of(entry: Entry, lane: int, frame: Frame, is_today: bool) -> dict[str, Any]:
    """One appointment on its chair, with the press that usually comes next on the day itself."""
    row = entry.visit.appointment
    first, span = frame.row(entry.start), frame.span(entry.start, entry.end)
    return {
        **entry.said,
        "id": row.id,
        "col": lane,
        "row": first,
        "span": span,
        "turnover": -(-row.turnover_minutes // QUARTER) if first + span <= frame.rows else 0,
        "phases": phases_of(span) if row.kind in ("infusion", "booster") else [],
        "move_url": url_for("desk.move_appointment", appointment_id=row.id),
        "tentative": row.tentative or awaits_provider(entry.visit),
        "press": entry.presses[0] if is_today and row.status in PRESSES else None,
    }


def line_of(entry: Entry, quarter: datetime) -> dict[str, Any]:
    """One appointment in the list, with every press that it can take."""
    row = entry.visit.appointment
    return {
        **entry.said,
        "chair": row.chair.name if row.chair else "",
        "tentative": row.tentative,
        "awaits_provider": awaits_provider(entry.visit),
        "is_late": row.status is Status.BOOKED and row.starts_at + GRACE <= quarter,
        "presses": entry.presses,
        "about": f"{entry.said['name']}, {clinic_time.clock_words(entry.start)}",
    }


def awaits_provider(visit: Visit) -> bool:
    """Whether a provider still has to confirm that the series goes ahead; nobody is kept from coming."""
    return visit.appointment.awaits_response and visit.appointment.status is Status.BOOKED


def is_overbooked(visit: Visit) -> bool:
    """Whether somebody is expected above the limits of watch units or starts."""
    return visit.appointment.overbooked_reason_sealed is not None and visit.appointment.status in LIVE


def presses_of(visit: Visit, is_today: bool) -> list[dict[str, Any]]:
    """The presses of an appointment: what may follow by the table, and undo."""
    row = visit.appointment
    seen = seen_text(row.version, row.status)
    url = url_for("desk.press", appointment_id=row.id)
    found = [
        {"label": label, "url": url, "value": f"{to.value}.{seen}", "is_usual": to in USUAL}
        for to, label in PRESSES.get(row.status, ())
        if to in statuses.allowed_moves(row.status) and (is_today or to not in ON_THE_DAY)
    ]
    if row.tentative and row.status in (Status.BOOKED, Status.ARRIVED):
        found = [press for press in found if press["label"] != "Checked in"]
        driver = {"label": "Driver confirmed", "url": url, "value": f"{DRIVER}.{seen}", "is_usual": True}
        found.insert(0 if row.status is Status.ARRIVED else len(found), driver)
    if statuses.undo_target(row.status) is not None:
        found.append({"label": "Undo", "url": url, "value": f"undo.{seen}", "is_usual": False})
    return found


def seen_text(version: int, status: Status) -> str:
    """The state that a page shows, as its forms carry it."""
    return f"{version}.{status.value}"


def watch_of(calendar: Calendar, day: date, visits: Sequence[Visit], frame: Frame) -> Iterable[dict[str, int]]:
    """The watch units in use and there, one entry a stretch of equal load."""
    used = used_units(visits, frame)
    steps = [(frame.first + row * QUARTER) for row in range(frame.rows)]
    loads = [(used[minute], schedules.watch_capacity(calendar, day, minute, minute + QUARTER)) for minute in steps]
    start = 0
    for place in range(1, len(loads) + 1):
        if place == len(loads) or loads[place] != loads[start]:
            units, capacity = loads[start]
            if units or capacity:
                yield {"row": start + 1, "span": place - start, "used": units, "capacity": capacity}
            start = place


def used_units(visits: Iterable[Visit], frame: Frame) -> Counter[int]:
    """The watch units that live appointments take, by the minute on which a quarter begins; each at its most."""
    found: Counter[int] = Counter()
    for visit in visits:
        if visit.appointment.status not in LIVE:
            continue
        start, end = minutes_of(visit)
        needs: dict[int, int] = {}
        for begin, stop, units in phases(schedules.profile_of(visit.appointment.watch_profile), end - start):
            for quarter in frame.quarters(start + begin, start + stop):
                needs[quarter] = max(needs.get(quarter, 0), units)
        found.update(needs)
    return found


def phases_of(span: int) -> list[dict[str, Any]]:
    """Preparing, infusing and recovering as shades of a block."""
    infuse = min(INFUSE_QUARTERS, span)
    prepare = (span - infuse) // 2
    parts = (("prepare", prepare), ("infuse", infuse), ("recover", span - infuse - prepare))
    return [{"kind": kind, "span": quarters} for kind, quarters in parts if quarters]


def what_of(visit: Visit) -> str:
    """'Infusion 2 of 6', 'Booster'."""
    row = visit.appointment
    if row.number is not None and visit.infusions is not None:
        return f"Infusion {row.number} of {visit.infusions}"
    return row.kind.replace("-", " ").capitalize()


def time_words(start: int, end: int) -> str:
    """'9:00–11:30 am'."""
    first, last = clinic_time.clock_words(start), clinic_time.clock_words(end)
    return f"{first[:-3] if first[-2:] == last[-2:] else first}–{last}"


def hour_label(minute: int) -> str:
    """'9 am'."""
    return clinic_time.clock_words(minute).replace(":00", "")


def now_row(site: Site, frame: Frame, now: datetime) -> int | None:
    """The row of the quarter it is now; None outside of the frame."""
    minute = clinic_time.minutes_of_day(now, site.timezone)
    return frame.row(minute) if frame.first <= minute < frame.last else None


def quarter_of(now: datetime) -> datetime:
    """The quarter of an hour that has begun: the board's only clock."""
    return now.replace(minute=now.minute // QUARTER * QUARTER, second=0, microsecond=0)
