"""Whether another booster may be booked on an order. A shared step: the caller has locked patient and order."""

from __future__ import annotations

from datetime import date

from intake.domain.clinic_time import day_words
from intake.domain.errors import DomainError
from intake.domain.statuses import SeriesStatus
from intake.models.orders import Order
from intake.queries import series


def refuse_untimely(order: Order, today: date, day: date | None = None) -> None:
    """Raise unless a booster is due on this order, none is expected yet, and `day`, if given, lies in its window."""
    for sentence in obstacles(order, today):
        raise DomainError(sentence)
    if day is not None:
        refuse_outside(order, today, day)


def refuse_outside(order: Order, today: date, day: date) -> None:
    """Raise unless `day` lies in the due window of the next booster; without a window any day will do."""
    window = series.next_booster(order, today=today)
    if window is None or window.allows(day):
        return
    if day < window.earliest:
        raise DomainError(f"Booster {window.number} is due from {day_words(window.earliest)} on.")
    raise DomainError(f"Booster {window.number} is due by {day_words(window.latest)}.")


def obstacles(order: Order, today: date) -> list[str]:
    """Why no booster can be booked on an order, whatever the date: its end and conditions, its limits, one booked."""
    found = series.obstacles(order, [], today=today)
    expected = series.expected_booster(order.id)
    known = series.series_of_order(order.id)
    if expected is not None:
        found.append(f"A booster is booked on this order already, on {day_words(expected.on_date)}.")
    elif known is None or known.status is not SeriesStatus.COMPLETED:
        found.append("Boosters follow when all infusions of the series are done.")
    elif series.next_booster(order, today=today) is None:
        found.append("No more boosters are due on this order. The provider can sign a new one.")
    return found
