"""An order ends with its last day at the patient's site, once, and says so in its history."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from intake.domain.statuses import OrderStatus
from intake.extensions import db
from intake.models.orders import Order, OrderEvent
from intake.services import order_expiry
from tests.factories import a_patient, a_provider, a_site, an_order

pytestmark = pytest.mark.usefixtures("app_context")
LAST_DAY = date(2026, 12, 1)


def given_an_order(status: OrderStatus = OrderStatus.SIGNED) -> UUID:
    return an_order(a_patient(a_site()), a_provider(), expires_on=LAST_DAY, status=status)


def status_of(order_id: UUID) -> OrderStatus:
    db.session.rollback()
    found = db.session.scalars(select(Order.status).where(Order.id == order_id)).one()
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (datetime(2026, 12, 2, 6, 59, tzinfo=UTC), OrderStatus.SIGNED),  # 11:59 pm of the last day in Denver
        (datetime(2026, 12, 2, 7, 0, tzinfo=UTC), OrderStatus.EXPIRED),  # midnight there
    ],
)
def test_an_order_holds_to_the_end_of_its_last_day_at_the_site(now: datetime, status: OrderStatus) -> None:
    order_id = given_an_order()
    order_expiry.expire(now)
    assert status_of(order_id) is status


def test_it_expires_once() -> None:
    given_an_order()
    later = datetime(2026, 12, 5, tzinfo=UTC)
    assert (order_expiry.expire(later), order_expiry.expire(later)) == (1, 0)
    assert db.session.scalars(select(OrderEvent.kind)).all() == ["expired"]
    db.session.rollback()


def test_a_stopped_order_stays_stopped() -> None:
    order_id = given_an_order(OrderStatus.STOPPED)
    order_expiry.expire(datetime(2026, 12, 5, tzinfo=UTC))
    assert status_of(order_id) is OrderStatus.STOPPED
