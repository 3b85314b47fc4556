"""What happened on a chart, from the rows that are only ever added, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from intake.domain.reviews import Channel, ContactOutcome, DecisionKind
from intake.domain.statuses import word_for
from intake.provider.words import CHANNELS, DECIDED, ORDER_EVENTS, OUTCOMES
from intake.queries.charts import Chart, Review

NOBODY = "the system"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `words` is what somebody wrote about it."""

    at: datetime
    who: str
    what: str
    words: str = ""


def record_of(chart: Chart) -> list[Entry]:
    """Decisions, questions, contacts, closed alerts, visits, orders and moves, the latest first."""
    found = [*_contacts(chart), *_alerts(chart), *_orders(chart)]
    if chart.review is not None:
        found += [*_moves(chart, chart.review), *_decisions(chart, chart.review), *_questions(chart, chart.review)]
        found += [
            _entry(chart, row.signed_at, row.provider_id, "evaluation visit signed") for row in chart.review.evaluations
        ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _entry(chart: Chart, at: datetime, who: UUID | None, what: str, words: str | None = None) -> Entry:
    return Entry(at, chart.names.get(who, NOBODY) if who else NOBODY, what, words or "")


def _contacts(chart: Chart) -> Iterator[Entry]:
    for row in chart.contacts:
        safe = ", safety asked about" if row.safety_checked else ""
        what = f"contact by {CHANNELS[Channel(row.channel)]}: {OUTCOMES[ContactOutcome(row.outcome)]}{safe}"
        yield _entry(chart, row.at, row.by_id, what, row.note)


def _alerts(chart: Chart) -> Iterator[Entry]:
    for row in chart.alerts:
        yield _entry(chart, row.raised_at, None, f"alert: {row.action}")
        if row.closed_at is not None:
            outcome = row.outcome or {}
            words = f"{outcome.get('disposition', '')} Tool: {outcome.get('tool', '')}."
            yield _entry(chart, row.closed_at, row.closed_by, f"alert closed: {outcome.get('contact', '')}", words)


def _orders(chart: Chart) -> Iterator[Entry]:
    for event in chart.order_events:
        yield _entry(chart, event.at, event.by_id, f"order {ORDER_EVENTS.get(event.kind, event.kind)}", event.reason)


def _moves(chart: Chart, review: Review) -> Iterator[Entry]:
    for event in review.events:
        yield _entry(chart, event.at, event.actor_id, f"consultation {word_for(event.to_status)}")


def _decisions(chart: Chart, review: Review) -> Iterator[Entry]:
    for row in review.decisions:
        words = "; ".join([*filter(None, [row.reason]), *(row.conditions or [])])
        yield _entry(chart, row.decided_at, row.decided_by, DECIDED[DecisionKind(row.kind)].lower(), words)
        if row.withdrawn_at is not None:
            yield _entry(chart, row.withdrawn_at, None, "that decision was withdrawn")


def _questions(chart: Chart, review: Review) -> Iterator[Entry]:
    for row in review.questions:
        yield _entry(chart, row.asked_at, row.asked_by, "asked the patient", row.question)
        if row.answered_at is not None:
            yield _entry(chart, row.answered_at, None, "the patient answered", row.answer)
