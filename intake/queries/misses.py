"""What a miss in a series asks for before its rest is planned: the rule of the protocol version that was signed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from intake.domain.amendments import Terms
from intake.domain.scheduling import values
from intake.domain.scheduling.explanations import Reason
from intake.domain.scheduling.misses import AfterMiss, MissRule, after_miss, is_judged, limits_after_miss, may_append
from intake.domain.sign_offs import with_limits
from intake.domain.statuses import Status
from intake.extensions import current_session
from intake.models.orders import Order
from intake.models.replanning import SignOff
from intake.queries import courses, sites
from intake.queries.courses import Answered
from intake.queries.rests import Rest

LOOK_FIRST = "The provider has to look first: ask before you plan the rest."
NEW_SCREEN = "The last infusion is too long ago: the provider has to see the patient anew and sign a new series."


def with_miss(protocol: values.Protocol, rest: Rest, terms: Terms, order: Order) -> values.Protocol:
    """A recipe as it holds after a miss; the same where none was missed, or a pause was signed since."""
    rule, gap = MissRule.of(order.protocol.rules), rest.kept_gap_days
    if rule is None or gap is None or not is_judged(rest.last_done, rest.is_missed, terms.restarts):
        return protocol
    return with_limits(protocol, limits_after_miss(rule, protocol, gap))


def keep_from(rest: Rest, terms: Terms, protocol: values.Protocol, order: Order) -> date | None:
    """The first remaining date, before which nothing is made up for: a missed infusion is appended, never squeezed in.

    None where none was missed, no date remains or all may move, or the series would take too long with one appended.
    """
    rule = MissRule.of(order.protocol.rules)
    is_missed = any(one.status is Status.NO_SHOW for one in rest.lost) and is_judged(
        rest.last_done, rest.is_missed, terms.restarts
    )
    kept = sorted(one.slot.day for one in rest.coming if one.id not in rest.must_move)
    if rule is None or not is_missed or not kept or not rest.given:
        return None
    span = (kept[-1] - rest.given[0].slot.day).days + min(protocol.gap_points, default=0) * len(rest.lost)
    goes_on = after_miss(rule, rest.kept_gap_days or 0) in (AfterMiss.GO_ON, AfterMiss.GO_ON_SAME_DOSE)
    return kept[0] if goes_on and may_append(rule, span) else None


def needed(rest: Rest, terms: Terms, order: Order) -> AfterMiss:
    """What the miss asks for now: the least gap that any plan leaves, and the last PHQ-9 against the one before.

    What a provider has allowed since is taken off: a gap by the limits of the order, a PHQ-9 by an answer after it.
    """
    rule = MissRule.of(order.protocol.rules)
    if rule is None or rest.last_done is None or not is_judged(rest.last_done, rest.is_missed, terms.restarts):
        return AfterMiss.GO_ON
    found = after_miss(rule, least_gap(rest))
    if found is AfterMiss.PROVIDER and int(terms.limits.get("max_gap_days", 0)) >= least_gap(rest):
        found = AfterMiss.GO_ON_SAME_DOSE
    if found in (AfterMiss.PROVIDER, AfterMiss.NEW_SCREEN):
        return found
    course = courses.courses_of([order.patient_id], sites.timezone_of(rest.site_id))[order.patient_id]
    scored = [one for one in course if one.reading.total is not None]
    if _is_looked_at(order, scored):
        return found
    return after_miss(rule, min(least_gap(rest), rule.provider_over_days), rise_points=_rise(scored))


def question(found: AfterMiss, rest: Rest, protocol: values.Protocol) -> Reason | None:
    """What the desk asks the provider, without any score; None where there is nothing to ask."""
    if found is not AfterMiss.PROVIDER:
        return None
    gap = max(least_gap(rest), max(protocol.gap_points, default=0))
    return Reason(LOOK_FIRST, "gap", ({"key": "protocol.max_gap_days", "to": gap},), "provider")


def obstacle(found: AfterMiss) -> list[str]:
    """Why the desk may not book, if so; why it is so stays with the provider."""
    return {AfterMiss.PROVIDER: [LOOK_FIRST], AfterMiss.NEW_SCREEN: [NEW_SCREEN]}.get(found, [])


def least_gap(rest: Rest) -> int:
    """Days from the last infusion given to the soonest that can follow: one that stays, else tomorrow."""
    assert rest.last_done is not None
    stays = [one.slot.day for one in rest.given if one.slot.day > rest.last_done]
    return (min(stays, default=rest.today + timedelta(days=1)) - rest.last_done).days


def _rise(scored: list[Answered]) -> int | None:
    """Points by which the last PHQ-9 is above the one before."""
    totals = [one.reading.total for one in scored if one.reading.total is not None]
    return totals[-1] - totals[-2] if len(totals) > 1 else None


def _is_looked_at(order: Order, scored: list[Answered]) -> bool:
    """Whether a provider has allowed the rest since the last PHQ-9."""
    rows = select(SignOff.decided_at).where(SignOff.order_id == order.id, SignOff.is_approved.is_(True))
    decided = [at for at in current_session().scalars(rows) if at is not None]
    return bool(scored) and any(at >= scored[-1].at for at in decided)
