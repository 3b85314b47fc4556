"""A patient's own consultation and appointments."""

from intake.domain.roles import Role
from intake.web.access import area

bp = area("patient", roles=(Role.PATIENT,))
