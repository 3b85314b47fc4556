"""Stop findings and their clearance, verdicts and their override, alerts and their end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from uuid_utils.compat import uuid7

from intake.domain.errors import DomainError
from intake.domain.history.trials import Verdict
from intake.domain.reviews import AlertContact, AlertOutcome
from intake.domain.roles import Role
from intake.extensions import db
from intake.models.medicines import FindingClearance
from intake.models.scores import Alert
from intake.models.trials import VerdictOverride
from intake.queries import histories
from intake.queries.findings import uncleared_stops
from intake.services import alert_outcomes, findings, verdicts
from intake.services.errors import NotAllowed
from tests.charts import STOP_FINDING, STOP_MEDICINE, a_medicine, a_trial, an_alert
from tests.factories import NOW, a_patient, a_provider, a_site, an_account
from tests.racing import race
from tests.refusing import refused

TODAY = date(2026, 12, 1)


def count_of(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def clear(patient: UUID, actor: UUID, finding: str = STOP_FINDING, **values: Any) -> UUID:
    fields: dict[str, Any] = {"reason": "Entered by mistake; seen today.", "request_key": uuid7()} | values
    return findings.clear(patient, finding, fields.pop("reason"), actor_id=actor, now=NOW, as_of=TODAY, **fields)


def test_a_stop_blocks_until_it_is_cleared_and_again_when_that_is_withdrawn() -> None:
    patient, provider = a_patient(a_site()), a_provider()
    a_medicine(patient, STOP_MEDICINE)
    assert uncleared_stops(patient, as_of=TODAY) == [STOP_FINDING]
    clearance = clear(patient, provider)
    assert uncleared_stops(patient, as_of=TODAY) == []
    for _press in range(2):
        findings.withdraw(patient, clearance, actor_id=provider, now=NOW)
    assert uncleared_stops(patient, as_of=TODAY) == [STOP_FINDING]


def test_other_levels_do_not_block() -> None:
    patient = a_patient(a_site())
    a_medicine(patient, "phenelzine")  # clearance
    a_medicine(patient, "lamotrigine")  # caution
    assert uncleared_stops(patient, as_of=TODAY) == []


def test_a_medicine_that_was_stopped_or_replaced_does_not_block() -> None:
    patient = a_patient(a_site())
    a_medicine(patient, STOP_MEDICINE, stopped_at=NOW)
    wrong = a_medicine(patient, STOP_MEDICINE)
    a_medicine(patient, "levothyroxine", replaces_id=wrong)
    assert uncleared_stops(patient, as_of=TODAY) == []


def test_a_clearance_is_of_one_patient_only() -> None:
    site, provider = a_site(), a_provider()
    one, other = a_patient(site), a_patient(site)
    for patient in (one, other):
        a_medicine(patient, STOP_MEDICINE)
    clearance = clear(one, provider)
    assert uncleared_stops(other, as_of=TODAY) == [STOP_FINDING]
    with refused(NoResultFound):
        findings.withdraw(other, clearance, actor_id=provider, now=NOW)


def test_an_unreadable_last_dose_counts_as_not_known() -> None:
    patient = a_patient(a_site())
    a_medicine(patient, STOP_MEDICINE, last_taken="2026-13-99")
    assert uncleared_stops(patient, as_of=TODAY) == [STOP_FINDING]


def test_clearing_twice_or_at_once_is_one_clearance(app: Flask) -> None:
    patient, provider = a_patient(a_site()), a_provider()
    a_medicine(patient, STOP_MEDICINE)
    answers = race(app, lambda _number: clear(patient, provider), 4)
    assert len({str(answer) for answer in answers}) == 1
    assert count_of(FindingClearance) == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 4001])
def test_a_clearance_needs_a_reason_that_fits(reason: str) -> None:
    patient, provider = a_patient(a_site()), a_provider()
    a_medicine(patient, STOP_MEDICINE)
    with refused(DomainError) as refusal:
        clear(patient, provider, reason=reason)
    assert refusal.value.field == "reason"


def test_a_finding_that_is_not_on_the_chart_cannot_be_cleared() -> None:
    patient, provider = a_patient(a_site()), a_provider()
    with pytest.raises(DomainError):
        clear(patient, provider, "Anything: at all")
    assert count_of(FindingClearance) == 0


@pytest.mark.parametrize("role", [Role.NURSE, Role.DESK, Role.MANAGER, Role.PATIENT])
def test_only_providers_clear_overrule_and_close(role: Role) -> None:
    patient, actor = a_patient(a_site()), an_account(role)
    a_medicine(patient, STOP_MEDICINE)
    trial, alert = a_trial(patient), an_alert(patient)
    for act in (
        lambda: clear(patient, actor),
        lambda: overrule(patient, trial, actor),
        lambda: alert_outcomes.acknowledge(alert, actor_id=actor, now=NOW),
        lambda: close(alert, actor),
    ):
        with refused(NotAllowed):
            act()


def overrule(patient: UUID, trial: UUID, actor: UUID, **values: Any) -> UUID:
    fields: dict[str, Any] = {"verdict": Verdict.INADEQUATE_DOSE, "reason": "Pharmacy record.", "request_key": uuid7()}
    fields |= values
    verdict, reason = fields.pop("verdict"), fields.pop("reason")
    return verdicts.override(patient, trial, verdict, reason, actor_id=actor, now=NOW, as_of=TODAY, **fields)


def test_an_override_stands_beside_the_computed_verdict_and_the_latest_counts() -> None:
    patient, provider = a_patient(a_site()), a_provider()
    trial = a_trial(patient)
    overrule(patient, trial, provider)
    overrule(patient, trial, provider, verdict=Verdict.INTOLERANT)
    (judged,) = histories.judged_history(patient, as_of=TODAY).trials
    assert judged.judgement.verdict is Verdict.ADEQUATE_FAILED
    assert judged.override is not None and judged.override.verdict == "intolerant"
    assert judged.override.computed == "adequate-failed"
    assert count_of(VerdictOverride) == 2


def test_an_override_keeps_the_verdict_that_the_whole_history_gives() -> None:
    patient, provider = a_patient(a_site()), a_provider()
    base = a_trial(patient, "sertraline", mg=25)
    agent = a_trial(patient, "lithium", mg=900, position=1, added_to_id=base)
    with refused(DomainError):  # unclear already: the base was under its dose
        overrule(patient, agent, provider, verdict=Verdict.INDETERMINATE)
    overrule(patient, agent, provider, verdict=Verdict.ADEQUATE_FAILED)
    judged = next(one for one in histories.judged_history(patient, as_of=TODAY).trials if one.row.id == agent)
    assert judged.override is not None and judged.override.computed == judged.judgement.verdict == "indeterminate"


def test_an_override_pressed_twice_is_one() -> None:
    patient, provider = a_patient(a_site()), a_provider()
    trial, key = a_trial(patient), uuid7()
    assert overrule(patient, trial, provider, request_key=key) == overrule(patient, trial, provider, request_key=key)
    assert count_of(VerdictOverride) == 1


def test_an_override_needs_a_reason_and_another_verdict() -> None:
    patient, provider = a_patient(a_site()), a_provider()
    trial = a_trial(patient)
    for values, field in (({"reason": " "}, "reason"), ({"verdict": Verdict.ADEQUATE_FAILED}, "verdict")):
        with refused(DomainError) as refusal:
            overrule(patient, trial, provider, **values)
        assert refusal.value.field == field


def test_the_trial_of_another_patient_is_not_found() -> None:
    site, provider = a_site(), a_provider()
    trial, other = a_trial(a_patient(site)), a_patient(site)
    with refused(NoResultFound):
        overrule(other, trial, provider)


def test_a_trial_that_was_corrected_meanwhile_is_not_overruled() -> None:
    patient, provider = a_patient(a_site()), a_provider()
    trial = a_trial(patient)
    a_trial(patient, mg=50, replaces_id=trial)
    with refused(DomainError, match="corrected"):
        overrule(patient, trial, provider)


OUTCOME = AlertOutcome(AlertContact.REACHED, "C-SSRS", "Safe; plan made.", True, TODAY + timedelta(days=1))


def close(alert: UUID, actor: UUID, outcome: AlertOutcome = OUTCOME) -> None:
    alert_outcomes.close(alert, outcome, actor_id=actor, now=NOW, today=TODAY)


def test_an_alert_is_acknowledged_by_whom_was_first_and_closed_once() -> None:
    alert = an_alert(a_patient(a_site()))
    first, second = a_provider(), an_account(Role.PROVIDER, name="Dr. Second")
    alert_outcomes.acknowledge(alert, actor_id=first, now=NOW)
    alert_outcomes.acknowledge(alert, actor_id=second, now=NOW)
    assert db.session.get_one(Alert, alert).acknowledged_by == first
    for _press in range(2):
        close(alert, second)
    with pytest.raises(DomainError, match="Dr. Second has closed"):
        close(alert, first)
    row = db.session.get_one(Alert, alert)
    assert row.closed_by == second and row.outcome["disposition"] == "Safe; plan made."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tool": " "}, "tool"),
        ({"disposition": ""}, "disposition"),
        ({"next_contact_on": TODAY - timedelta(days=1)}, "next_contact_on"),
        ({"tool": "x" * 401}, "tool"),
    ],
)
def test_an_alert_is_not_closed_without_a_whole_outcome(changes: dict[str, Any], field: str) -> None:
    alert = an_alert(a_patient(a_site()))
    values = {name: getattr(OUTCOME, name) for name in OUTCOME.__slots__} | changes
    with pytest.raises(DomainError) as refusal:
        close(alert, a_provider(), AlertOutcome(**values))
    assert refusal.value.field == field
    assert db.session.get_one(Alert, alert).closed_at is None


def test_two_who_close_an_alert_at_once_leave_one_outcome(app: Flask) -> None:
    alert, actors = an_alert(a_patient(a_site())), [a_provider(), a_provider()]

    def racer(number: int) -> str:
        try:
            close(alert, actors[number])
        except DomainError:
            return "refused"
        return "closed"

    assert sorted(race(app, racer, 2)) == ["closed", "refused"]
