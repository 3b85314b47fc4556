"""The practice manager: sites, staff, policies. No charts."""

from intake.domain.roles import Role
from intake.web.access import area

bp = area("manage", roles=(Role.MANAGER,), url_prefix="/manage")
