"""The practice manager: what the clinic is made of, and whether it runs. No charts."""

from intake.domain.roles import Role
from intake.web.access import area

bp = area(
    "manage",
    roles=(Role.MANAGER,),
    label="Manage",
    nav=(
        ("Clinic", "manage.home"),
        ("Protocols", "manage.protocols"),
        ("What if", "manage.simulations"),
        ("Closings", "desk.closings_page"),
    ),
)

from intake.manage import protocol_edits, protocols, routes, simulations  # noqa: E402  # their pages hang on the blueprint above

__all__ = ["bp", "protocol_edits", "protocols", "routes", "simulations"]
