"""The front desk: people, board, series. It sees that something is waited for, never why."""

from intake.domain.roles import Role
from intake.web.access import area

bp = area(
    "desk",
    roles=(Role.DESK,),
    label="Front desk",
    nav=(
        ("Board", "desk.board"),
        ("To be booked", "desk.orders"),
        ("Boosters", "desk.recall"),
        ("Find a patient", "desk.find"),
    ),
    guests={Role.MANAGER: ("closings_page", "batch", "place_batch", "reopen_batch", "told_case")},
)

from intake.desk import appointments, board, boosters, closings, moves, patients, recall, replanning, series, visits  # noqa: E402  # pages hang on the blueprint above

__all__ = [
    "appointments",
    "board",
    "boosters",
    "bp",
    "closings",
    "moves",
    "patients",
    "recall",
    "replanning",
    "series",
    "visits",
]
