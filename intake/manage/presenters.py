"""Words for the manager's page."""

from __future__ import annotations

from collections import defaultdict

from intake.domain.clinic_time import clock_words
from intake.domain.scheduling.capacity import KIND_WORDS, listed
from intake.domain.scheduling.values import WEEKDAYS
from intake.queries import schedules
from intake.queries.sites import Site
from intake.queries.staff import Account


def present_site(site: Site) -> dict[str, object]:
    """A site's name, chairs and hours as lines."""
    chairs = [chair.name for chair in site.chairs if chair.retired_on is None]
    facts = [
        ("Chairs", ", ".join(chairs)),
        ("Hours", hours_in_words(site)),
        ("Time zone", site.timezone),
        ("Slots", f"{site.slot_minutes} minutes, {site.starts_per_slot} start at a time"),
    ]
    kept = sorted({row.starts for row in site.start_rules if row.kind == "protected"})
    if kept:
        kinds, hours = schedules.protected_starts_of_clinic()
        whom = listed([KIND_WORDS.get(kind, kind.replace("-", " ")) for kind in kinds])
        times = ", ".join(clock_words(start) for start in kept)
        facts.append(("Protected starts", f"{times}: kept for {whom}, anybody's from {hours} hours before"))
    return {"name": site.name, "facts": facts}


def hours_in_words(site: Site) -> str:
    """ "Mon, Tue 08:00 to 17:00; Fri 08:00 to 15:00": days with the same hours together."""
    by_day = defaultdict(list)
    for opening in sorted(site.openings, key=lambda row: (row.weekday, row.opens)):
        by_day[opening.weekday].append(f"{clock_words(opening.opens)} to {clock_words(opening.closes)}")
    days = defaultdict(list)
    for weekday, spans in by_day.items():
        days[", ".join(spans)].append(WEEKDAYS[weekday].capitalize())
    return "; ".join(f"{', '.join(names)} {spans}" for spans, names in days.items())


def present_staff(account: Account) -> dict[str, str]:
    """Name, roles, and whether the account can be used."""
    roles = ", ".join(sorted(role.value.replace("-", " ") for role in account.roles))
    ready = account.password_hash is not None and account.totp_confirmed_at is not None
    state = "disabled" if account.disabled_at else ("can sign in" if ready else "not invited yet")
    return {"name": account.name, "roles": roles, "state": state}
