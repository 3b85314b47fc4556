"""Series in words and places: plans side by side, what is waited for, boosters due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for

from intake.desk.board_presenter import awaits_provider, what_of
from intake.domain import clinic_time
from intake.domain.scheduling.boosters import DueWindow
from intake.domain.scheduling.capacity import Calendar
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.wording import moment_words, points_words
from intake.domain.statuses import LIVE, Status
from intake.queries import schedules
from intake.queries.appointments import Visit
from intake.queries.orders import WaitingOrder
from intake.queries.series import Due
from intake.queries.sites import Site
from intake.queries.unplanned import Needing
from intake.web import filters
from intake.web.slots import YEARS, read_slots, slots_text

__all__ = ["YEARS", "read_slots", "slots_text"]

STRIP_WEEKS = 3
NUMBERS = {4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
ALLOWED_BY = {"desk": "", "patient": "", "provider": "Ask the provider.", "manager": "Ask the practice manager."}


def present_plans(best: Plan, site: Site, today: date) -> dict[str, Any]:
    """The best plan and its alternatives on one strip of days, each with its price in words."""
    plans = [best, *best.alternatives]
    days = strip_days(plans, site, today)
    return {
        "days": [day for _, day in days],
        "plans": [
            present_plan(plan, letter, [one for one, _ in days]) for letter, plan in zip("ABCD", plans, strict=False)
        ],
    }


def present_plan(plan: Plan, letter: str, days: Sequence[date]) -> dict[str, Any]:
    """One plan: a cell for each day, its cost, its reasons, and the places as a form carries them."""
    cells = {slot.day: {"time": clinic_time.clock_words(slot.start), "chair": slot.chair} for slot in plan.slots}
    return {
        "name": letter,
        "cells": [cells.get(day) for day in days],
        "cost": plan.title,
        "price": f"{plan.title}, {points_words(plan.cost)}" if plan.cost else plan.title,
        "times": [f"{moment_words(slot)}, chair {slot.chair}" for slot in plan.slots],
        "reasons": list(plan.words),
        "chosen": letter == "A",
        "slots": slots_text(plan.slots),
        "count": NUMBERS.get(len(plan.slots), str(len(plan.slots))),
    }


def strip_days(plans: Sequence[Plan], site: Site, today: date) -> list[tuple[date, dict[str, Any]]]:
    """Whole weeks around all plans, three at least, without the weekdays on which the site is never open."""
    first = min(plan.slots[0].day for plan in plans)
    last = max(plan.slots[-1].day for plan in plans)
    monday = first - timedelta(days=first.weekday())
    count = max((last - monday).days + 1, STRIP_WEEKS * 7)
    calendar = Calendar(schedules.site_rules(site, first=monday))
    days = [monday + timedelta(days=ahead) for ahead in range(-(-count // 7) * 7)]
    busy = {slot.day for plan in plans for slot in plan.slots}
    return [
        (day, present_day(day, calendar, today, is_busy=day in busy))
        for day in days
        if day.weekday() in calendar.site.hours
    ]


def present_day(day: date, calendar: Calendar, today: date, *, is_busy: bool) -> dict[str, Any]:
    """One head of the strip; a day on which no plan has a visit is narrow."""
    return {
        "label": f"{clinic_time.DAY_NAMES[day.weekday()][:3]} {day.day}",
        "long": filters.full_day(day),
        "week_start": day.weekday() == min(calendar.site.hours),
        "closed": not calendar.day(day).openings,
        "today": day == today,
        "busy": is_busy,
    }


def present_infeasible(found: Infeasible) -> list[str]:
    """What to relax, a sentence each, with who may allow it."""
    texts = [f"{reason.text} {ALLOWED_BY.get(reason.allowed_by, '')}".strip() for reason in found.reasons]
    return texts or ["No plan for all infusions fits these days and hours."]


def present_visits(visits: Sequence[Visit]) -> list[dict[str, Any]]:
    """Appointments as `visit_list` takes them, with where each can be looked at."""
    return [present_visit(visit) for visit in visits]


def present_visit(visit: Visit) -> dict[str, Any]:
    """One appointment in a list."""
    row = visit.appointment
    return {
        "when": filters.when(row.starts_at, visit.zone),
        "until": filters.clock_at(row.ends_at, visit.zone),
        "what": what_of(visit),
        "where": f"{visit.site_name}, chair {row.chair.name}" if row.chair else visit.site_name,
        "status": row.status.value,
        "tentative": row.tentative or awaits_provider(visit),
        "actions": visit_actions(row.id, row.status),
    }


def visit_actions(appointment_id: UUID, status: Status) -> list[dict[str, str]]:
    """Where a list leads from one appointment."""
    found = [{"label": "Open", "url": url_for("desk.appointment", appointment_id=appointment_id)}]
    if status is Status.BOOKED:
        found.append({"label": "Move", "url": url_for("desk.move_appointment", appointment_id=appointment_id)})
    elif status not in LIVE:
        found.append({"label": "Book again", "url": url_for("desk.move_appointment", appointment_id=appointment_id)})
    return found


def present_waiting(one: WaitingOrder, now: datetime) -> dict[str, Any]:
    """An order that waits to be booked: since when, and whether something else is waited for."""
    return {
        "name": one.patient.full_name,
        "url": url_for("desk.series", order_id=one.order.id),
        "waiting": filters.span(now - one.order.signed_at),
        "protocol": one.order.protocol.name,
        "infusions": one.order.infusions,
        "expires_on": one.order.expires_on,
        "is_blocked": bool(one.open_conditions),
    }


def present_needing(one: Needing) -> dict[str, Any]:
    """A booked series in which infusions have no time."""
    return {
        "name": one.patient.full_name,
        "url": url_for("desk.replan", order_id=one.order_id),
        "what": f"{one.missing} of {one.infusions} infusions without a time",
    }


def present_due(one: Due) -> dict[str, Any]:
    """A patient whose next booster is due."""
    return {
        "name": one.patient.full_name,
        "url": url_for("desk.booster", order_id=one.series.order_id),
        **present_window(one.windows[0]),
    }


def present_window(window: DueWindow) -> dict[str, Any]:
    """A booster window in words."""
    words = f"{clinic_time.day_words(window.earliest)} to {clinic_time.day_words(window.latest)}"
    return {
        "number": window.number,
        "best": clinic_time.day_words(window.target),
        "window": words,
        "is_overdue": window.is_overdue,
    }
