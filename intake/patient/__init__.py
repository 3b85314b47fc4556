"""A patient's own consultation and appointments."""

from intake.domain.roles import Role
from intake.web.access import area

bp = area(
    "patient",
    roles=(Role.PATIENT,),
    label="Patient",
    nav=(("Your consultation", "patient.home"), ("Appointments", "patient.appointments")),
)

from intake.patient import appointments, autosaving, home, medicines, pages, questions, sending, trials  # noqa: E402

__all__ = ["appointments", "autosaving", "bp", "home", "medicines", "pages", "questions", "sending", "trials"]
