"""Cases and clinics from JSON, and plans to JSON, as the planning format defines them.

What is malformed raises `DomainError` whose message begins with the key to blame: "site.slot_minutes: ...".
"""

from __future__ import annotations

from typing import Any

from intake.domain.scheduling.values import Case, Protocol, Site


def site_from_json(raw: Any) -> Site:
    """A site from the object under `site`; may carry a `name`."""
    raise NotImplementedError


def protocol_from_json(raw: Any) -> Protocol:
    """A protocol from the object under `protocol`; may carry a `name`."""
    raise NotImplementedError


def case_from_json(raw: Any) -> Case:
    """A whole case of one series."""
    raise NotImplementedError
