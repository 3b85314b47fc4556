"""Telephone numbers: one written form for each number, so that a keyed hash finds it again."""

from __future__ import annotations

import re

from intake.domain.errors import DomainError

HOME_DIGITS = 10
"""Digits of a number in the home country (United States), without its country code."""
HOME_CODE = "1"
FEWEST, MOST = 8, 15
"""Digits of a number with its country code (E.164), both in."""
_ALLOWED = re.compile(r"\+?[\d\s().\-/]+")


def normal_phone(text: str) -> str:
    """'(303) 555-0142' as '+13035550142'; another country's number needs its plus sign.

    Raises `DomainError` (field `phone`) for what cannot be dialled.
    """
    typed = text.strip()
    digits = re.sub(r"\D", "", typed)
    if not _ALLOWED.fullmatch(typed) or not digits.isascii():
        raise DomainError("Enter a telephone number in digits, such as 303 555 0142.", field="phone")
    if typed.startswith("+") and FEWEST <= len(digits) <= MOST:
        return f"+{digits}"
    if len(digits) == HOME_DIGITS:
        return f"+{HOME_CODE}{digits}"
    if len(digits) == HOME_DIGITS + 1 and digits.startswith(HOME_CODE):
        return f"+{digits}"
    raise DomainError("Enter the telephone number with its area code, such as 303 555 0142.", field="phone")


def last_four(number: str) -> str:
    """The last four digits of a number in its normal form."""
    return number[-4:]


def phone_words(number: str) -> str:
    """A number as people read it: '303-555-0142'; another country's stays as it is kept."""
    digits = number.removeprefix(f"+{HOME_CODE}")
    if len(digits) != HOME_DIGITS or not digits.isdigit():
        return number
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
