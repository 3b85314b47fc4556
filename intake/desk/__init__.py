"""The front desk: people, board, series."""

from intake.domain.roles import Role
from intake.web.access import area

bp = area("desk", roles=(Role.DESK,))
