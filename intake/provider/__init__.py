"""Providers: queue, charts, evaluation, decision, order."""

from intake.domain.roles import Role
from intake.web.access import area

bp = area("provider", roles=(Role.NURSE, Role.PROVIDER, Role.MEDICAL_DIRECTOR))
