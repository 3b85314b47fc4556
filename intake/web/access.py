"""Who may open what: areas closed by default, `needs` to narrow, and the person behind a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Blueprint, Flask, Request, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError

from intake.domain.roles import Permission, Role
from intake.extensions import login_manager
from intake.queries import sites
from intake.services import sessions

P = ParamSpec("P")
R = TypeVar("R")
Nav = Sequence[tuple[str, str]]
AREAS = ("patient", "desk", "provider", "manage")
BY_ITSELF = frozenset({"static", "desk.board_fragment"})
"""What a page fetches without anybody at it: a board left alone must still run into the idle limit."""
_NAV: dict[str, Nav] = {}
_HOMES: dict[str, tuple[frozenset[Role], str]] = {}


def now() -> datetime:
    """The clock of the web: the only place where routes get the time from."""
    return datetime.now(UTC)


def area(
    name: str, *, roles: Sequence[Role], label: str = "", nav: Nav = (), guests: Mapping[Role, Collection[str]] = {}
) -> Blueprint:
    """A blueprint under `/<name>/` whose pages are closed to everybody without one of `roles`.

    `guests` are roles that may open the named pages of the area and no others; they keep their own navigation.
    `label` is what the area is called to somebody with several roles; `nav` lists (label, endpoint) for the header.
    """
    bp = Blueprint(name, f"intake.{name}", url_prefix=f"/{name}")
    _NAV[name] = nav
    _HOMES[name] = frozenset(roles), label or name.capitalize()

    @bp.before_request
    def guard() -> ResponseReturnValue | None:
        if not current_user.is_authenticated:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("account.sign_in", next=wanted))
        page = (request.endpoint or "").removeprefix(f"{name}.")
        if not current_user.roles & {*roles, *(role for role, pages in guests.items() if page in pages)}:
            abort(403)
        return None

    return bp


def open_area(name: str, *, url_prefix: str | None = None, nav: Nav = ()) -> Blueprint:
    """A blueprint that anyone may open. Its pages show nobody's data."""
    _NAV[name] = nav
    return Blueprint(name, f"intake.{name}", url_prefix=url_prefix)


def needs(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Narrow a page of an area to those who carry the permission."""

    def narrow(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.may(permission):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return narrow


def init_app(app: Flask) -> None:
    """Load the person of each request from the session register and give templates what they ask for."""
    login_manager.request_loader(load_account)
    app.context_processor(page_context)
    app.after_request(touch_session)


def load_account(_request: Request) -> UserMixin | None:
    """The account behind the cookie's session id; None when revoked, idle or too old.

    Both are taken out of the database session: they stay readable after a write, which expires everything else.
    """
    token = session.get("sid")
    row = sessions.find(token, now()) if token else None
    g.auth_session = row
    if row is None:
        return None
    sessions.detach(row)
    return row.account


def touch_session(response: Any) -> Any:
    """Note that the session was seen, at most once a minute, after the page's own reads have ended."""
    row = g.get("auth_session")
    if row is not None and request.endpoint not in BY_ITSELF and response.status_code < 500:
        at = now()
        if at - row.last_seen_at >= sessions.TOUCH:
            sessions.touch(row.id, at)
    return response


def page_context() -> dict[str, Any]:
    """Variables of every template: clinic, area, navigation, the chosen site."""
    name = request.blueprint if request else None
    home = home_of(current_user.roles) if current_user.is_authenticated else "/"
    is_guest = name in AREAS and current_user.is_authenticated and name not in areas_of(current_user.roles)
    # on the account's own pages, and where somebody is a guest, the way back stays in sight
    shown = home.strip("/") if name == "account" or is_guest else name
    common = {"area": name, "home": home, "hats": hats(name), "Permission": Permission}
    return {**common, "nav_items": nav_items(shown), "clinic": clinic_or_none(), "site": site_in_header()}


def site_in_header() -> sites.Site | sites.SiteName | None:
    """The site that a member of staff works in, with its name at least; None for everybody else."""
    if "site" in g:
        return cast("sites.Site", g.site)
    row = g.get("auth_session")
    return sites.name_of(row.site_id) if row is not None and current_user.is_staff else None


def clinic_or_none() -> sites.Clinic | None:
    """The clinic's name and phone; None while the database is away, so that the error page still stands."""
    if "clinic" not in g:
        try:
            g.clinic = sites.clinic()
        except SQLAlchemyError:
            g.clinic = None
    return cast("sites.Clinic | None", g.clinic)


def hats(name: str | None) -> list[dict[str, Any]]:
    """The areas of somebody with several roles, so that the page says which hat is on."""
    if not current_user.is_authenticated:
        return []
    mine = areas_of(current_user.roles)
    return (
        [{"label": _HOMES[area][1], "url": f"/{area}/", "current": area == name} for area in mine]
        if len(mine) > 1
        else []
    )


def home_of(mine: frozenset[Role]) -> str:
    """Where somebody with these roles goes after signing in: the first area open to one of them."""
    return next((f"/{area}/" for area in areas_of(mine)), "/")


def areas_of(mine: frozenset[Role]) -> list[str]:
    """The areas open to any of the roles, those nearest to patients first."""
    return [area for area in AREAS if area in _HOMES and mine & _HOMES[area][0]]


def nav_items(name: str | None) -> list[dict[str, Any]]:
    """The header links of an area; `current` marks the page's own."""
    links = _NAV.get(name or "", ())
    return [{"label": label, "url": url_for(end), "current": end == request.endpoint} for label, end in links]
