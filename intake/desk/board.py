"""The day board and its fragment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.desk import bp
from intake.desk.board_presenter import present_board
from intake.desk.series_presenter import YEARS, present_due, present_needing, present_waiting
from intake.domain import clinic_time
from intake.domain.scheduling.capacity import Calendar
from intake.queries import appointments, health, orders, recalls, schedules, unplanned
from intake.queries.sites import Site
from intake.web import access
from intake.web.sites import current_site

RAIL = 8
DAYS_AHEAD = 30


@bp.get("/")
def board() -> ResponseReturnValue:
    """Today by chair; on a closed day or after hours the next open day."""
    site, now = current_site(), access.now()
    day = asked_day() or schedules.board_day(site, now)
    today = clinic_time.local_day(now, site.timezone)
    return render_template(
        "desk/board.html",
        board=present_board(site, day, appointments.on_day(site.id, day), now),
        day=day,
        is_today=day == today,
        today=today,
        before=neighbour(site, day, -1),
        after=neighbour(site, day, 1),
        fragment_url=url_for("desk.board_fragment", day=day.isoformat()),
        rail=rail_of(site, today),
        scripts="board",
    )


@bp.get("/board")
def board_fragment() -> ResponseReturnValue:
    """The board alone, for the page that asks every 20 s; 304 while nothing has changed."""
    site, now = current_site(), access.now()
    day = asked_day() or schedules.board_day(site, now)
    shown = present_board(site, day, appointments.on_day(site.id, day), now)
    response = make_response(render_template("desk/_board.html", board=shown, day=day))
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def rail_of(site: Site, today: date) -> dict[str, Any]:
    """What waits beside the day: orders to be booked, boosters due, messages that did not arrive."""
    waiting = orders.awaiting_booking(site.id, as_of=today)
    due = recalls.due_soonest(site.id, today=today, limit=RAIL)
    return {
        "waiting": [present_waiting(one, access.now()) for one in waiting[:RAIL]],
        "more_waiting": max(len(waiting) - RAIL, 0),
        "due": [present_due(one) for one in due[:RAIL]],
        "to_replan": [present_needing(one) for one in unplanned.needing(site.id, limit=RAIL)],
        "undelivered": health.undelivered(),
    }


def asked_day() -> date | None:
    """The day in the address; one that is no date, or lies far off, counts as none."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def neighbour(site: Site, day: date, step: int) -> date:
    """The open day before or after."""
    calendar = Calendar(schedules.site_rules(site, first=day))
    days = (day + timedelta(days=step * ahead) for ahead in range(1, DAYS_AHEAD))
    return next((one for one in days if calendar.day(one).openings), day + timedelta(days=step))
