"""A patient in a browser, for the tests of the patient's pages. The clock of the web stands at NOW."""

from __future__ import annotations

from uuid import UUID

from flask import Flask

from intake.domain.statuses import ConsultationStatus
from tests import answers, factories
from tests.conftest import NOW
from tests.web.client import Client


def a_patient(app: Flask, **consultation: object) -> UUID:
    """A patient of a new site with an open consultation."""
    with app.app_context():
        made = factories.a_patient(factories.a_site(address="1 Main Street, Denver"))
        factories.a_consultation(made, **consultation)  # type: ignore[arg-type]  # values of its row
        return made


def signed_in(app: Flask, patient_id: UUID) -> Client:
    """A browser of its own in which the patient is signed in."""
    client = Client(app)
    with app.app_context():
        account_id = factories.account_of(patient_id)
    client.sign_in(account_id, now=NOW)
    return client


def filled(app: Flask, patient_id: UUID, *, trials: int = 1, item9: str = "0") -> list[str]:
    """Fill in the whole form; returns the keys of the trials."""
    with app.app_context():
        return answers.fill_form(patient_id, now=NOW, trials=trials, item9=item9)


def with_status(app: Flask, status: ConsultationStatus) -> Client:
    """The browser of a patient whose consultation stands there."""
    return signed_in(app, a_patient(app, status=status))
