"""What is in the way most, when no change that is known makes a series possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from intake.domain.scheduling.capacity import Calendar, blocked_on_chair, blocked_starts
from intake.domain.scheduling.occupancy import WHOLE_DAY
from intake.domain.scheduling.relaxations import LONGEST_LOOK_DAYS, horizon
from intake.domain.scheduling.values import Case, Rule, Slot

_OBSTACLES: Mapping[Rule, str] = {
    Rule.NOT_AVAILABLE: "outside the hours at which the patient can come",
    Rule.DATE_UNAVAILABLE: "on dates at which the patient cannot come",
    Rule.BUSY: "during other appointments of the patient",
    Rule.PICKUP: "when nobody can drive home",
    Rule.NO_START: "when no session starts",
    Rule.FIRST_START: "when a first infusion does not start",
    Rule.PROVIDER: "when no provider is on site",
    Rule.MONITORING: "when no nurse is free to watch",
    Rule.STARTS: "when other sessions start",
    Rule.PROTECTED: "in times kept for boosters and urgent visits",
    Rule.ATTENDANT: "when the person who attends is away",
    Rule.CHAIR_FEATURE: "on chairs without what the patient needs",
    Rule.CHAIR_TAKEN: "on chairs that are taken",
}


def in_the_way(case: Case) -> tuple[str, str]:
    """A sentence on the rule that takes away most starts within opening hours, and that rule ("hours": no opening)."""
    counts = _lost_starts(case)
    if not counts:
        text = "The clinic has no opening hours in which this could be given: another site or other dates are needed."
        return text, "hours"
    rule, lost = counts.most_common(1)[0]
    share = round(100 * lost / max(counts.total(), 1))
    text = f"No change that was tried makes a plan possible. What is in the way most: {share} % of the times lost lie "
    return f"{text}{_OBSTACLES[rule]}.", rule.value


def _lost_starts(case: Case) -> Counter[Rule]:
    """How many starts within opening hours each rule takes away, all chairs and dates together."""
    calendar = Calendar(case.site, case.bookings)
    session = case.protocol.session(len(case.fixed) + 1)
    first, last = horizon(case)
    counts: Counter[Rule] = Counter()
    for ahead in range(min((last - first).days, LONGEST_LOOK_DAYS) + 1):
        day = first + timedelta(days=ahead)
        blocked = blocked_starts(calendar, session, day, case.patient)
        possible = WHOLE_DAY & ~(blocked.pop(Rule.CLOSED) | blocked.pop(Rule.OFF_GRID))
        for chair in case.site.chairs if possible else ():
            for rule, starts in (
                blocked | blocked_on_chair(calendar, session, Slot(day, 0, chair.name), case.patient)
            ).items():
                counts[rule] += (possible & starts).bit_count()
    return +counts
