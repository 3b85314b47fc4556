"""The words of messages. They say that there is an appointment or a message, never for what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from intake.models.people import Patient
from intake.queries.sites import Clinic

PREPARE = "How to prepare and who takes you home: sign in and read your page before you come."


def when(at: datetime, zone: ZoneInfo) -> str:
    """ "Tue Dec 1, 9:00 am", at the site."""
    local = at.astimezone(zone)
    hour = local.hour % 12 or 12
    return f"{local:%a %b} {local.day}, {hour}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def reminder(
    starts_at: datetime, zone: ZoneInfo, patient: Patient, clinic: Clinic, site_name: str = ""
) -> tuple[str, str]:
    """Subject and text of a reminder. `site_name` says where to go, at a clinic that has more than one site."""
    lines = [
        f"Hello {patient.called},",
        "",
        f"You have an appointment on {when(starts_at, zone)} ({zone_words(zone)}){_at(site_name)}.",
    ]
    return "Appointment reminder", _letter(lines, patient, clinic)


def confirmation(
    times: Sequence[datetime], zone: ZoneInfo, patient: Patient, clinic: Clinic, site_name: str = ""
) -> tuple[str, str]:
    """Subject and text of the confirmation of one or more appointments."""
    lines = [f"Hello {patient.called},", "", f"Booked for you{_at(site_name)} (times in {zone_words(zone)}):"]
    lines += [f"  {when(at, zone)}" for at in sorted(times)]
    lines += ["", "The attached file adds them to your calendar."]
    return "Your appointments" if len(times) > 1 else "Your appointment", _letter(lines, patient, clinic)


def change(
    old: datetime, new: datetime | None, zone: ZoneInfo, patient: Patient, clinic: Clinic, site_name: str = ""
) -> tuple[str, str]:
    """Subject and text when an appointment was moved to `new`, or cancelled where that is None."""
    what = f"is now on {when(new, zone)}{_at(site_name)}" if new else "is cancelled"
    lines = [f"Hello {patient.called},", "", f"Your appointment on {when(old, zone)} {what} ({zone_words(zone)})."]
    return "Your appointment has changed", _letter(lines, patient, clinic)


def replanned(
    changes: Sequence[tuple[datetime | None, datetime | None]],
    coming: Sequence[datetime],
    zone: ZoneInfo,
    patient: Patient,
    clinic: Clinic,
    site_name: str = "",
) -> tuple[str, str]:
    """Subject and text when several appointments changed: old and new time each, None where there was or is none."""
    lines = [f"Hello {patient.called},", "", f"Your appointments have changed (times in {zone_words(zone)}):"]
    for old, new in sorted(changes, key=lambda pair: pair[1] or pair[0] or datetime.max.replace(tzinfo=zone)):
        if old is None and new is not None:
            lines.append(f"  new: {when(new, zone)}")
        elif old is not None:
            lines.append(f"  {when(old, zone)} {f'is now on {when(new, zone)}' if new else 'is cancelled'}")
    if coming:
        lines += ["", f"These are all that you have before you{_at(site_name)}:"]
        lines += [f"  {when(at, zone)}" for at in sorted(coming)]
    lines += ["", "The attached file brings your calendar up to date."]
    return "Your appointments have changed", _letter(lines, patient, clinic)


def question(patient: Patient, clinic: Clinic) -> tuple[str, str]:
    """Subject and text when the clinic has asked something back; neither what nor about what."""
    lines = [f"Hello {patient.called},", "", "You have a question to answer. Sign in to read it and to answer.", ""]
    call = f"If you would rather talk, call {clinic.phone}." if clinic.phone else "If you would rather talk, call us."
    return "You have a question to answer", "\n".join([*lines, call, "", clinic.name, ""])


def zone_words(zone: ZoneInfo) -> str:
    """ "America/Denver" as "Denver time"."""
    return f"{zone.key.rsplit('/', 1)[-1].replace('_', ' ')} time"


def _at(site_name: str) -> str:
    return f" at our {site_name} site" if site_name else ""


def _letter(lines: list[str], patient: Patient, clinic: Clinic) -> str:
    if patient.preparation_in_messages:
        lines = [*lines, "", PREPARE]
    call = f"If you cannot come, call {clinic.phone}." if clinic.phone else "If you cannot come, call the clinic."
    return "\n".join([*lines, "", call, "", clinic.name, ""])
