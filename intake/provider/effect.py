"""When a decision that waits for a contact may take effect, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intake.domain import bad_news
from intake.domain.clinic_time import clock_words, day_words
from intake.domain.reviews import BAD_NEWS, DecisionKind
from intake.queries import contacts
from intake.queries.charts import Chart, Decision


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decline or referral that is not in effect: whether the patient was told, and when it may."""

    decision: Decision
    is_told: bool
    may_now: bool
    sentence: str


def when_it_may(chart: Chart, now: datetime) -> Waiting | None:
    """The decision that waits on this chart, or None."""
    decision = chart.review.decision if chart.review else None
    if decision is None or decision.effective_at is not None or DecisionKind(decision.kind) not in BAD_NEWS:
        return None
    since = decision.decided_at.replace(second=0, microsecond=0)
    is_told = bad_news.is_told(contacts.tries_of([row for row in chart.contacts if row.at >= since]))
    return Waiting(decision, is_told, *_hour(chart, now))


def hour_sentence(chart: Chart, now: datetime) -> str:
    """Whether bad news may take effect at this hour, and if not from when."""
    return _hour(chart, now)[1]


def _hour(chart: Chart, now: datetime) -> tuple[bool, str]:
    hours = contacts.working_hours(chart.site, now)
    if bad_news.may_take_effect(now, hours):
        return True, "At this hour it may take effect as soon as the contact is recorded."
    soonest = bad_news.next_allowed(now, hours)
    when = f"It may from {day_words(soonest[0])}, {clock_words(soonest[1])}." if soonest else ""
    return False, f"It does not take effect from 3 pm on before a closed day. {when}".strip()
