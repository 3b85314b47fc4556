"""The families of relaxations that fit a case, in the order in which the desk should try them."""

from __future__ import annotations

from intake.domain.scheduling import clinic_relaxations as clinic
from intake.domain.scheduling import patient_relaxations as patient
from intake.domain.scheduling.relaxations import Family
from intake.domain.scheduling.values import Case


def families_of(case: Case) -> list[Family]:
    """The families that fit a case, in the order in which the desk should try them."""
    families = [
        Family("patient", "patient", tuple(patient.patient_steps(case))),
        Family("start", "patient", tuple(patient.start_steps(case)), is_rising=True),
        Family("driver", "driver", tuple(patient.driver_steps(case))),
        Family("pinned", "desk", tuple(patient.pinned_steps(case))),
        Family("site", "patient", tuple(patient.site_steps(case))),
        Family("gap", "provider", tuple(clinic.gap_steps(case)), is_rising=True),
        Family("span", "provider", tuple(clinic.span_steps(case)), is_rising=True),
        Family("short span", "provider", tuple(clinic.short_span_steps(case)), is_rising=True),
        Family("seven days", "provider", tuple(clinic.seven_day_steps(case)), is_rising=True),
        Family("order end", "provider", tuple(clinic.order_end_steps(case)), is_rising=True),
        Family("first start", "provider", tuple(clinic.first_start_steps(case))),
        Family("provider on site", "manager", tuple(clinic.provider_steps(case))),
        Family("watch", "manager", tuple(clinic.watch_steps())),
        Family("chair", "manager", tuple(clinic.chair_steps(case))),
        Family("starts", "manager", tuple(clinic.starts_steps(case)), is_rising=True),
        Family("no start", "manager", tuple(clinic.no_start_steps(case))),
        Family("closure", "manager", tuple(clinic.closure_steps(case))),
    ]
    return [family for family in families if family.steps]
