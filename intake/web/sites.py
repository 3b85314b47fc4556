"""The site that a member of staff works in."""

from __future__ import annotations

from flask import g
from werkzeug.exceptions import NotFound

from intake.models.sites import Site
from intake.queries import sites


def current_site() -> Site:
    """The site chosen in this session, else the first by name; 404 while the clinic has none."""
    if "site" not in g:
        found = sites.chosen_or_first(g.auth_session.site_id if g.get("auth_session") else None)
        if found is None:
            raise NotFound
        g.site = found
    return g.site  # type: ignore[no-any-return]
