"""One page: sites, protocols, staff, and whether messages go out."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from intake.manage import bp
from intake.manage.presenters import present_site, present_staff
from intake.queries import health, sites, staff
from intake.services import downtime
from intake.web.access import now


@bp.get("/")
def home() -> ResponseReturnValue:
    """What the clinic is made of, read only: it is changed through its file."""
    beat = health.last_beat()
    return render_template(
        "manage/home.html",
        sites=[present_site(site) for site in sites.all_sites()],
        protocols=sites.current_protocols(),
        team=[present_staff(account) for account in staff.all_staff()],
        worker_minutes=None if beat is None else int((now() - beat).total_seconds() // 60),
        undelivered=health.undelivered(),
        pack_is_stale=downtime.is_stale(now()),
    )
