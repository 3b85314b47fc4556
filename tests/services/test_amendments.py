"""Amending an order: every kind shown first, then signed with its re-plan; what is given stays; nothing is lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from intake.domain.amendments import Amendment, AmendmentKind, regime_json
from intake.domain.errors import DomainError
from intake.domain.reviews import Channel, ContactEntry, ContactOutcome
from intake.domain.scheduling.planning import Infeasible, Plan
from intake.domain.scheduling.protocols import default_regime
from intake.domain.statuses import OrderStatus, SeriesStatus
from intake.extensions import db
from intake.models.appointments import Appointment
from intake.models.orders import Order, OrderEvent
from intake.models.replanning import SignOff
from intake.models.series import Series
from intake.queries import orders, sign_offs, unplanned
from intake.queries import series as series_queries
from intake.services import amendments, contacts, replanning, series
from intake.services.errors import NotAllowed
from intake.services.placing import NoLongerHolds
from tests import factories
from tests.racing import race, until_not_busy
from tests.services.bookings import ALL_WEEK, DATES, check_tables, with_wishes
from tests.services.replans import AFTER_FIRST, a_begun_series, cancel, live, row

TWICE = {"gap_points": {"2": 3, "3": 0, "4": 0, "5": 3, "6": 8, "7": 8}, "per_week": 2, "min_span_days": 8}
WEEKLY = {"gap_points": {"6": 4, "7": 0, "8": 4}, "per_week": 1, "min_span_days": 14, "max_span_days": 40}


@pytest.fixture
def site_id():
    return factories.a_site()


@pytest.fixture
def provider():
    return factories.a_provider()


@pytest.fixture
def order_id(site_id) -> UUID:
    return a_begun_series(site_id)[0]


def amendment(kind: str, site_id: UUID) -> Amendment:
    """One amendment of each kind that changes something of a series on Mondays and Thursdays."""
    values: dict[str, dict[str, object]] = {
        "pause": {"after": 2, "restart_on": date(2026, 12, 28)},
        "cadence": {"protocol_id": factories.a_protocol(name="Weekly", **WEEKLY)} if kind == "cadence" else {},
        "eight": {"infusions": 8},
        "four": {"infusions": 4},
        "site": {"site_id": factories.a_site(name="Boulder")} if kind == "site" else {},
        "away": {"away_from": date(2026, 12, 14), "away_to": date(2026, 12, 16)},
        "limits": {"limits": {"max_gap_days": 10, "max_span_days": 28}},
    }
    code = {"eight": "count", "four": "count"}.get(kind, kind)
    return Amendment(AmendmentKind(code), "The patient asked.", **values[kind])  # type: ignore[arg-type]


def told(order_id: UUID, provider: UUID) -> None:
    """The patient was reached, and asked about safety."""
    entry = ContactEntry(AFTER_FIRST - timedelta(minutes=30), Channel.PHONE, ContactOutcome.REACHED, True, "Told.")
    patient_id = orders.patient_of(order_id)
    contacts.record(patient_id, entry, request_key=uuid7(), actor_id=provider, now=AFTER_FIRST)


def sign(order_id: UUID, change: Amendment, provider: UUID, *, with_plan: bool = True, key: UUID | None = None) -> None:
    shown = amendments.preview(order_id, change, now=AFTER_FIRST)
    assert shown.proposal is not None
    slots = None
    if with_plan and shown.proposal.found is not None:
        assert isinstance(shown.proposal.found, Plan), shown.proposal.found
        slots = shown.proposal.rest_slots(shown.proposal.found)
    elif with_plan:
        slots = ()
    amendments.sign(
        order_id,
        change,
        slots=slots,
        token=shown.proposal.rest.token,
        request_key=key or uuid7(),
        actor_id=provider,
        now=AFTER_FIRST,
    )


def order(order_id: UUID) -> Order:
    db.session.rollback()
    return db.session.get_one(Order, order_id)


def faults(order_id: UUID) -> list[str]:
    db.session.rollback()
    known = db.session.scalars(select(Series).where(Series.order_id == order_id)).one()
    found = series_queries.faults_of(series_queries.infusions_of(known.id), orders.order(order_id))
    db.session.rollback()
    return [fault.text for fault in found]


class TestEveryAmendment:
    """Shown, signed, re-planned: what is given is unchanged and the rest obeys the new terms."""

    @pytest.mark.parametrize(
        ("kind", "count"),
        [("pause", 6), ("cadence", 6), ("eight", 8), ("four", 4), ("site", 6), ("away", 6), ("limits", 6)],
    )
    def test_it_is_signed_with_its_replan(self, order_id, site_id, provider, kind, count):
        done = live(order_id)[0]
        told(order_id, provider)
        sign(order_id, amendment(kind, site_id), provider)
        found = live(order_id)
        assert found[0] == done
        assert [number for number, *_ in found] == list(range(1, count + 1))
        assert faults(order_id) == []
        assert order(order_id).status is OrderStatus.AMENDED
        check_tables()

    def test_a_pause_keeps_what_is_before_it_and_nothing_lies_in_it(self, order_id, site_id, provider):
        sign(order_id, amendment("pause", site_id), provider)
        days = [day for _, day, _, _ in live(order_id)]
        assert days[:2] == list(DATES[:2])
        assert days[2] >= date(2026, 12, 28)
        assert replanning.propose(order_id, now=AFTER_FIRST).found.breakdown["moved"] == 0

    def test_weekly_from_here_on(self, order_id, site_id, provider):
        sign(order_id, amendment("cadence", site_id), provider)
        days = [day for _, day, _, _ in live(order_id)]
        assert all(6 <= (b - a).days <= 8 for a, b in zip(days, days[1:], strict=False))

    def test_another_site_has_all_that_is_to_come(self, order_id, site_id, provider):
        change = amendment("site", site_id)
        sign(order_id, change, provider)
        rows = list(db.session.scalars(select(Appointment).order_by(Appointment.starts_at)))
        assert [one.site_id for one in rows] == [site_id] + [change.site_id] * 5
        db.session.rollback()

    def test_a_traveller_is_expected_on_none_of_the_days_away(self, order_id, site_id, provider):
        sign(order_id, amendment("away", site_id), provider)
        days = {day for _, day, _, _ in live(order_id)}
        assert not days & {date(2026, 12, 14), date(2026, 12, 15), date(2026, 12, 16)}

    def test_boosters_in_pairs_change_the_order_and_no_visit(self, order_id, provider):
        before = live(order_id)
        regime = default_regime("pairs-every-four-weeks")
        change = Amendment(AmendmentKind.BOOSTERS, "Holds longer.", regime=regime_json(regime.regime, regime.name))
        sign(order_id, change, provider, with_plan=False)
        assert live(order_id) == before
        assert order(order_id).booster_regime["steps"][0]["pair_days"] == 3

    def test_stopping_after_what_is_given_completes_the_series(self, order_id, provider):
        told(order_id, provider)
        sign(order_id, Amendment(AmendmentKind.COUNT, "Remission.", infusions=1), provider)
        assert [status for *_, status in live(order_id)] == ["fulfilled"]
        assert db.session.scalars(select(Series.status)).one() is SeriesStatus.COMPLETED
        check_tables()

    def test_the_event_keeps_before_and_after_and_why(self, order_id, site_id, provider):
        sign(order_id, amendment("eight", site_id), provider)
        db.session.rollback()
        event = db.session.scalars(select(OrderEvent).where(OrderEvent.kind == "amended")).one()
        assert (event.detail["before"]["infusions"], event.detail["after"]["infusions"]) == (6, 8)
        assert event.reason == "The patient asked." and event.by_id == provider
        db.session.rollback()


class TestWithoutTimes:
    """Signed at once; the desk finds new times."""

    def test_a_pause_releases_what_lies_in_it_and_the_desk_sees_what_is_missing(self, order_id, site_id, provider):
        told(order_id, provider)
        sign(order_id, amendment("pause", site_id), provider, with_plan=False)
        assert [day for _, day, _, _ in live(order_id)] == list(DATES[:2])
        (needing,) = unplanned.needing(site_id)
        assert (needing.order_id, needing.missing) == (order_id, 4)
        db.session.rollback()
        found = replanning.propose(order_id, now=AFTER_FIRST).found
        assert isinstance(found, Plan) and found.slots[-1].day > date(2026, 12, 28)
        check_tables()

    def test_a_new_cadence_is_left_to_the_desk_though_nothing_is_missing(self, order_id, site_id, provider):
        sign(order_id, amendment("cadence", site_id), provider, with_plan=False)
        assert [one.order_id for one in unplanned.needing(site_id)] == [order_id]
        db.session.rollback()

    @pytest.mark.parametrize(("kind", "with_plan"), [("pause", False), ("four", True), ("four", False)])
    def test_no_visit_is_taken_away_before_the_patient_was_told(self, order_id, site_id, provider, kind, with_plan):
        before = live(order_id)
        with pytest.raises(DomainError, match="contact"):
            sign(order_id, amendment(kind, site_id), provider, with_plan=with_plan)
        assert live(order_id) == before
        assert order(order_id).status is OrderStatus.SIGNED and order(order_id).infusions == 6


class TestRefused:
    """What cannot be, beside its field."""

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"kind": "pause", "after": 0, "restart_on": date(2026, 12, 28)}, "after"),  # one is given
            ({"kind": "pause", "after": 6, "restart_on": date(2026, 12, 28)}, "after"),
            ({"kind": "pause", "after": 2, "restart_on": date(2026, 12, 11)}, "restart_on"),  # a day after the second
            ({"kind": "pause", "after": 2, "restart_on": AFTER_FIRST.date()}, "restart_on"),
            ({"kind": "pause", "after": 2, "restart_on": date(2028, 1, 1)}, "restart_on"),  # past the order's end
            ({"kind": "pause", "after": 2}, "restart_on"),
            ({"kind": "count", "infusions": 0}, "infusions"),
            ({"kind": "count", "infusions": 13}, "infusions"),
            ({"kind": "count", "infusions": 6}, None),  # as it is
            ({"kind": "cadence"}, "protocol"),
            ({"kind": "cadence", "protocol_id": uuid7()}, "protocol"),
            ({"kind": "boosters"}, "regime"),
            ({"kind": "site"}, "site"),
            ({"kind": "away", "away_from": date(2026, 12, 14), "away_to": date(2026, 12, 13)}, "away_to"),
            ({"kind": "away", "away_from": date(2026, 12, 14), "away_to": date(2027, 2, 20)}, "away_to"),
            ({"kind": "limits"}, "max_gap_days"),
            ({"kind": "limits", "limits": {"max_gap_days": 29}}, "max_gap_days"),
            ({"kind": "count", "infusions": 8, "reason": " "}, "reason"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, order_id, change, field):
        values = {"reason": "Because.", **change, "kind": AmendmentKind(change["kind"])}
        with pytest.raises(DomainError) as refused:
            amendments.preview(order_id, Amendment(**values), now=AFTER_FIRST)
        assert refused.value.field == field

    def test_only_who_signs_orders_amends_them(self, order_id, site_id):
        with pytest.raises(NotAllowed):
            sign(order_id, amendment("eight", site_id), factories.a_desk())

    def test_a_stale_preview_is_refused_with_a_fresh_one(self, order_id, site_id, provider):
        change = amendment("eight", site_id)
        shown = amendments.preview(order_id, change, now=AFTER_FIRST)
        _, *keys = [key for key in db.session.scalars(select(Appointment.id).order_by(Appointment.number))]
        db.session.rollback()
        cancel(site_id, [keys[0], keys[0], keys[1]])
        with pytest.raises(NoLongerHolds) as refused:
            amendments.sign(
                order_id,
                change,
                slots=shown.proposal.rest_slots(shown.proposal.found),
                token=shown.proposal.rest.token,
                request_key=uuid7(),
                actor_id=provider,
                now=AFTER_FIRST,
            )
        assert isinstance(refused.value.offer, amendments.Preview)
        assert order(order_id).infusions == 6

    def test_the_same_press_again_signs_once(self, order_id, site_id, provider):
        key, change = uuid7(), amendment("eight", site_id)
        shown = amendments.preview(order_id, change, now=AFTER_FIRST)
        for _press in range(2):
            amendments.sign(
                order_id,
                change,
                slots=shown.proposal.rest_slots(shown.proposal.found),
                token=shown.proposal.rest.token,
                request_key=key,
                actor_id=provider,
                now=AFTER_FIRST,
            )
        assert db.session.scalar(select(func.count()).where(OrderEvent.kind == "amended")) == 1
        db.session.rollback()

    def test_of_two_providers_who_amend_at_once_one_wins(self, app, order_id, site_id, provider):
        change = amendment("eight", site_id)
        shown = amendments.preview(order_id, change, now=AFTER_FIRST)
        slots, token = shown.proposal.rest_slots(shown.proposal.found), shown.proposal.rest.token
        db.session.rollback()

        def act(_number):
            common = {"request_key": uuid7(), "actor_id": provider, "now": AFTER_FIRST}
            return until_not_busy(lambda: amendments.sign(order_id, change, slots=slots, token=token, **common))

        answers = race(app, act, 3)
        assert sum(answer is None for answer in answers) == 1, answers
        assert len(live(order_id)) == 8
        check_tables()


class TestSignOff:
    """What the desk asks for, and the provider allows or not."""

    def asked(self, site_id) -> tuple[UUID, UUID]:
        order_id, keys = a_begun_series(site_id)
        cancel(site_id, keys)
        away = [(date(2026, 12, 9) + timedelta(days=ahead)).isoformat() for ahead in range(14)]
        desk = factories.a_desk()
        replanning.keep_wishes(order_id, {**ALL_WEEK, "unavailable_dates": away}, actor_id=desk, now=AFTER_FIRST)
        found = replanning.propose(order_id, now=AFTER_FIRST).found
        assert isinstance(found, Infeasible)
        (reason,) = [one for one in found.reasons if one.allowed_by == "provider"]
        db.session.rollback()
        return order_id, replanning.ask_provider(order_id, reason, actor_id=desk, now=AFTER_FIRST)

    def test_what_is_allowed_makes_the_plan_that_was_asked_for(self, site_id, provider):
        order_id, sign_off_id = self.asked(site_id)
        limits = dict(db.session.get_one(SignOff, sign_off_id).limits)
        db.session.rollback()
        change = Amendment(AmendmentKind.LIMITS, "Fine with me.", limits=limits)
        shown = amendments.preview(order_id, change, now=AFTER_FIRST)
        assert isinstance(shown.proposal.found, Plan)
        amendments.sign(
            order_id,
            change,
            slots=shown.proposal.rest_slots(shown.proposal.found),
            token=shown.proposal.rest.token,
            request_key=uuid7(),
            actor_id=provider,
            now=AFTER_FIRST,
            sign_off_id=sign_off_id,
        )
        assert len(live(order_id)) == 6 and faults(order_id) == []
        assert sign_offs.open_sign_offs() == []
        assert db.session.get_one(SignOff, sign_off_id).is_approved is True
        db.session.rollback()
        check_tables()

    def test_a_no_leaves_everything_as_it_is(self, site_id, provider):
        order_id, sign_off_id = self.asked(site_id)
        before = live(order_id)
        amendments.decline(sign_off_id, "Come in first.", actor_id=provider, now=AFTER_FIRST)
        assert live(order_id) == before
        assert db.session.get_one(SignOff, sign_off_id).is_approved is False
        assert order(order_id).exceptions is None
        assert row(db.session.scalars(select(Appointment.id)).first()) is not None
        db.session.rollback()


class TestBeforeAnythingIsBooked:
    """An order without a series keeps what was amended for whoever lays it out."""

    @pytest.fixture
    def unbooked(self, site_id, provider):
        return factories.an_order(factories.a_patient(site_id, with_account=False), provider)

    def amend(self, order_id, change, provider, now=AFTER_FIRST):
        key = uuid7()
        amendments.sign(order_id, change, slots=None, token="", request_key=key, actor_id=provider, now=now)

    def test_the_dates_away_are_in_the_first_wishes_and_in_no_plan(self, unbooked, site_id, provider):
        away = amendment("away", site_id)
        self.amend(unbooked, away, provider)
        self.amend(unbooked, Amendment(AmendmentKind.COUNT, "Enough.", infusions=5), provider)
        with_wishes(unbooked, site_id, {**ALL_WEEK, "unavailable_dates": ["2026-12-24"]})
        wishes = series_queries.proposed_of(unbooked).wishes
        days = ["2026-12-14", "2026-12-15", "2026-12-16"]
        assert wishes["unavailable_dates"] == [*days, "2026-12-24"]
        found = series.propose(unbooked, now=AFTER_FIRST)
        assert isinstance(found, Plan)
        planned = {slot.day.isoformat() for slot in found.slots}
        assert len(planned) == 5 and not planned & {*days, "2026-12-24"}
        assert any(slot.day > date(2026, 12, 16) for slot in found.slots)

    def test_another_site_is_where_it_waits_and_is_laid_out(self, unbooked, site_id, provider):
        change = amendment("site", site_id)
        self.amend(unbooked, change, provider)
        assert [one.order.id for one in orders.awaiting_booking(change.site_id)] == [unbooked]
        assert orders.awaiting_booking(site_id) == []
        with_wishes(unbooked, site_id)
        assert series_queries.proposed_of(unbooked).site_id == change.site_id

    def test_days_are_those_of_the_site_also_in_the_evening(self, unbooked, provider):
        evening = datetime(2026, 12, 8, 3, 0, tzinfo=UTC)  # Monday, 8:00 pm in Denver
        tuesday = date(2026, 12, 8)
        self.amend(
            unbooked, Amendment(AmendmentKind.AWAY, "Asked.", away_from=tuesday, away_to=tuesday), provider, evening
        )
        db.session.rollback()
        assert orders.away_of(orders.order(unbooked)) == (tuesday,)
