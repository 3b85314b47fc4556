"""Protocols in words: values with their sources, versions, what a change does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from intake.domain.scheduling.recipes import LABELS, VALUES, changed_keys, value_words
from intake.manage.protocol_forms import ProtocolForm
from intake.queries.protocols import OpenOrder, Protocol, Version
from intake.services.protocols import Effects, ProtocolEdit
from intake.web import filters

GROUPS = (
    ("The series", ("infusions", "per_week", "min_span_days", "max_span_days", "max_in_7_days")),
    ("Days between infusions", ("gap_points", "consecutive_days")),
    ("On the chair", ("chair_minutes", "first_chair_minutes", "first_start", "turnover_minutes", "watch_profile")),
    ("Response check", ("checkpoint_after",)),
    (
        "After a missed infusion",
        (
            "miss_usual_gap_days",
            "miss_provider_over_days",
            "miss_screen_over_days",
            "miss_append_below_days",
            "miss_worse_points",
        ),
    ),
)
HINTS = {
    "gap_points": "Points make a gap less wanted, 0 is best. A gap that is left empty is not allowed.",
    "consecutive_days": "Needed for a gap of 1 day. Each provider orders it by signing an order.",
    "first_start": "Both times are in. Leave both empty for any time.",
    "watch_profile": "One row for each part of a session; the last part lasts to its end.",
    "checkpoint_after": "A prompt for the provider; later infusions are tentative until then, and nothing stops. "
    "Leave it empty for none.",
    "first_chair_minutes": "Leave it empty where the first one is no longer than the others.",
    "chair_minutes": "Preparing, infusion and recovery; a multiple of 15.",
    "miss_worse_points": "A rise of the PHQ-9 since the infusion before.",
}


def present_line(version: Version) -> dict[str, Any]:
    """A protocol in the list."""
    row = version.row
    return {
        "name": row.name,
        "url": url_for("manage.protocol", protocol_id=row.id),
        "version": row.version,
        "infusions": value_words("infusions", row.rules),
        "orders": version.open_orders,
        "is_signed": version.signed_at is not None,
        "is_retired": row.retired_at is not None,
    }


def present_version(version: Version, zone: str) -> dict[str, Any]:
    """A version in the history: who made it and when, who signed, how many orders hold to it."""
    row = version.row
    signed = version.signed_at
    return {
        "id": row.id,
        "url": url_for("manage.protocol", protocol_id=row.id),
        "number": row.version,
        "made": filters.when(row.created_at, zone),
        "by": version.made_by or "from the clinic's file",
        "signed": f"{version.signed_by}, {filters.when(signed, zone)}" if signed else "",
        "orders": version.open_orders,
        "retired": f"{version.retired_by}, {filters.when(row.retired_at, zone)}" if row.retired_at else "",
    }


def present_values(row: Protocol) -> list[dict[str, Any]]:
    """Every value with its words, its source, and whether it was read there."""
    return [
        {"label": value.label, "words": value_words(value.key, row.rules), **source_of(row, value.key)}
        for value in VALUES
    ]


def source_of(row: Protocol, key: str) -> dict[str, Any]:
    """Where a value comes from; an older version has one source for all."""
    known: Mapping[str, Any] = row.sources.get(key, {})
    text = known.get("source") or row.source
    return {"source": text or "no source", "is_verified": bool(known.get("verified")), "has_source": bool(text)}


def present_form(form: ProtocolForm, row: Protocol) -> list[dict[str, Any]]:
    """The form in groups: of each value its fields, its hint and its source."""
    return [
        {
            "title": title,
            "id": title.lower().replace(" ", "-"),
            "values": [_form_value(form, row, key) for key in keys],
        }
        for title, keys in GROUPS
    ]


def _form_value(form: ProtocolForm, row: Protocol, key: str) -> dict[str, Any]:
    kinds = {"gap_points": "gaps", "watch_profile": "watch", "first_start": "start", "consecutive_days": "check"}
    source = form[f"source_{key}"]
    return {
        "key": key,
        "label": LABELS[key],
        "unit": next(value.unit for value in VALUES if value.key == key),
        "kind": kinds.get(key, "whole"),
        "field": form._fields.get(key),
        "fields": _rows(form, key),
        "hint": HINTS.get(key, ""),
        "source_field": source,
        "is_open": bool(source.errors or source.data),
        **source_of(row, key),
    }


def _rows(form: ProtocolForm, key: str) -> list[Any]:
    if key == "gap_points":
        return [form[f"gap_{gap}"] for gap in form.gaps]
    if key == "watch_profile":
        return [(form[f"watch_minutes_{step}"], form[f"watch_units_{step}"]) for step in form.steps]
    return [form.first_from, form.first_to] if key == "first_start" else []


def present_changes(newest: Protocol, edit: ProtocolEdit) -> list[dict[str, str]]:
    """Each value that would differ from the newest version, and each source that would."""
    changed = changed_keys(newest.rules, edit.rules)
    return [
        {
            "label": LABELS[value.key],
            "before": value_words(value.key, newest.rules),
            "after": value_words(value.key, edit.rules),
            "source": edit.sources.get(value.key, "as before"),
        }
        for value in VALUES
        if value.key in changed or value.key in edit.sources
    ]


def present_rival(theirs: Version, base: Protocol, zone: str) -> dict[str, Any]:
    """What somebody else saved meanwhile."""
    row = theirs.row
    return {
        "by": theirs.made_by or "The clinic's file",
        "number": row.version,
        "made": filters.when(row.created_at, zone),
        "url": url_for("manage.edit_protocol", protocol_id=row.id),
        "changes": [
            f"{LABELS[key]}: {value_words(key, base.rules)}, now {value_words(key, row.rules)}"
            for key in changed_keys(base.rules, row.rules)
        ],
    }


def present_orders(orders: Sequence[OpenOrder], zone: str) -> list[dict[str, str]]:
    """The orders that keep their version, without whose they are."""
    return [
        {
            "signed": filters.when(one.signed_at, zone),
            "by": one.signed_by,
            "version": str(one.version),
            "state": f"{one.booked} of {one.infusions} infusions booked" if one.booked else "not booked yet",
        }
        for one in orders
    ]


def present_effects(effects: Effects) -> list[str]:
    """How unbooked series would be planned under the change, as sentences; empty where none waits."""
    said = [
        (effects.same, "would be planned as now"),
        (effects.different, "would be planned otherwise"),
        (effects.impossible, "could no longer be planned at all"),
        (effects.possible_only_then, "could only then be planned"),
        (effects.never, "cannot be planned either way"),
    ]
    found = [f"{filters.plural(count, 'series', 'series')} {words}." for count, words in said if count]
    if effects.left_out:
        found.append(f"{effects.left_out} more were not planned: too many at once.")
    return found
