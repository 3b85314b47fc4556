"""The site that a member of staff works in."""

from __future__ import annotations

from flask import g
from werkzeug.exceptions import NotFound

from intake.models.sites import Site
from intake.queries import sites


def current_site() -> Site:
    """The site chosen in this session, else the first by name; 404 while the clinic has none."""
    if "site" not in g:
        known = sites.all_sites()
        chosen = g.auth_session.site_id if g.get("auth_session") else None
        if not known:
            raise NotFound
        g.site = next((site for site in known if site.id == chosen), known[0])
    return g.site  # type: ignore[no-any-return]
