"""An amendment in words: the order before and after, and what each plan does to every visit."""

from __future__ import annotations

from typing import Any

from intake.domain.amendments import Terms
from intake.domain.clinic_time import day_words
from intake.domain.scheduling.planning import Plan
from intake.domain.scheduling.wording import moment_words, points_words
from intake.domain.sign_offs import limit_words
from intake.queries import protocols, sites
from intake.queries.replanning import Booked
from intake.services.replanning import Proposal
from intake.web.fates import changes_of, does_words, fates_of
from intake.web.slots import slots_text


def terms_rows(before: Terms, after: Terms) -> list[tuple[str, str, str]]:
    """What changes: name, before, after."""
    rows = [(name, was, will) for (name, was), (_, will) in zip(_facts(before), _facts(after), strict=True)]
    return [row for row in rows if row[1] != row[2]]


def _facts(terms: Terms) -> list[tuple[str, str]]:
    names = {row.id: row.name for row in sites.all_sites()}
    protocol = protocols.protocol(terms.protocol_id)
    return [
        ("Protocol", f"{protocol.name} (version {protocol.version})"),
        ("Infusions", str(terms.infusions)),
        ("Site", names.get(terms.site_id, "") if terms.site_id else ""),
        ("Restart after a pause", ", ".join(day_words(day) for day in terms.restarts) or "no pause"),
        ("Beyond the protocol", " ".join(limit_words(terms.limits)) or "nothing"),
        ("Away", _days(terms)),
        ("Boosters", str(terms.regime.get("name", "as ordered"))),
    ]


def _days(terms: Terms) -> str:
    days = sorted(terms.away)
    if not days:
        return "no dates"
    return day_words(days[0]) if len(days) == 1 else f"{len(days)} days, {day_words(days[0])} to {day_words(days[-1])}"


def present_plans(found: Proposal) -> list[dict[str, Any]]:
    """The plans: every visit before and after, what it costs, its times as the form carries them."""
    if not isinstance(found.found, Plan):
        return []
    return [
        {
            "name": letter,
            "price": f"{plan.title}, {points_words(plan.cost)}" if plan.cost else plan.title,
            "does": does_words(changes_of(found, plan)),
            "rows": fates_of(changes_of(found, plan), len(found.rest.given)),
            "reasons": list(plan.words),
            "slots": slots_text(found.rest_slots(plan)),
            "chosen": letter == "A",
        }
        for plan, letter in zip([found.found, *found.found.alternatives], "ABCD", strict=False)
    ]


def visit_words(one: Booked) -> str:
    """A visit by number and time."""
    return f"Infusion {one.number}, {moment_words(one.slot)}"
