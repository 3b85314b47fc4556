"""The PHQ-9 as a form; its items come from the instrument's data file."""

from __future__ import annotations

from functools import cache

from intake.domain.form import phq9
from intake.patient.forms import PageForm, radio


@cache
def phq9_form() -> type[PageForm]:
    """The form class with one field for each item, in the exact wording."""
    fields = {phq9.field_of(item): radio(item.text, phq9.options_of(item)) for item in phq9.phq9().items}
    return type("Phq9Form", (PageForm,), fields)
