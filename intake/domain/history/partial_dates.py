"""Dates as people remember them: a day, a month, a season or a year, each read as a range of days."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from intake.domain.errors import DomainError

EXPECTED = "Enter a date such as 2019, spring 2019, April 2019 or 4/3/2019"
FOUR_DIGITS = "Enter the year with four digits, such as 2019"
EARLIEST_YEAR = 1900  # what a person types; the strict form takes any year

_MONTHS_OF = {
    "spring": (3, 5),
    "summer": (6, 8),
    "fall": (9, 11),
    "early": (1, 4),
    "mid": (5, 8),
    "late": (9, 12),
}
_SEASONS = ("winter", *_MONTHS_OF)
_SPELLINGS = {"autumn": "fall", "middle": "mid", "beginning": "early", "start": "early", "end": "late"}
_MONTH_NAMES = {
    name: month
    for month in range(1, 13)
    for name in (calendar.month_name[month].lower(), calendar.month_abbr[month].lower())
} | {"sept": 9}

_STRICT_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_STRICT_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_STRICT_YEAR = re.compile(r"([0-9]{4})")
_STRICT_SEASON = re.compile(rf"({'|'.join(_SEASONS)}) ([0-9]{{4}})")

_FILLERS = re.compile(r"\b(?:of|in|the|about|around|approximately|circa|ca)\b")
_SHORT_YEAR = re.compile(r"(?:'[0-9]{2}|(?:[0-9]{1,2}[/.-]){1,2}[0-9]{2}|[a-z]+ [0-9]{2})")
_SLASHED_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_SLASHED_MONTH = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4})")
_ISO_LIKE = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})(?:[/.-]([0-9]{1,2}))?")
_WORD_YEAR = re.compile(r"([a-z]+) ([0-9]{4})|([0-9]{4}) ([a-z]+)")
_NAMED_DAY = re.compile(r"(?:([a-z]+) ([0-9]{1,2})|([0-9]{1,2}) ([a-z]+)) ([0-9]{4})")
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A remembered date: the text in strict form, and the first and last day it can mean (both included).

    `first_day` and `last_day` are the same two as ordinals, for reckoning.
    """

    text: str
    earliest: date
    latest: date
    first_day: int = field(init=False, repr=False, compare=False)
    last_day: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Set the ordinals once: every rule on weeks reckons with them."""
        object.__setattr__(self, "first_day", self.earliest.toordinal())
        object.__setattr__(self, "last_day", self.latest.toordinal())

    @property
    def is_exact(self) -> bool:
        """Whether it names one day."""
        return self.earliest == self.latest


@lru_cache(maxsize=8192)
def read(text: str) -> PartialDate:
    """Read the strict form: `2019-04-03`, `2019-04`, `2019`, or a season or `early`, `mid`, `late` and a year.

    Anything else raises `DomainError` ("autumn" too). Source of the ranges: trial-adequacy, rule 5;
    winter runs from December of the year before to the end of February of the year after.
    """
    try:
        return PartialDate(text, *_range_of(text))
    except ValueError:
        raise DomainError(EXPECTED) from None


def parse(text: str, *, field: str | None = None, today: date | None = None) -> PartialDate:
    """Read what a person types and bring it to the strict form ("Autumn 2019" becomes `fall 2019`).

    Slashes are read as month/day/year. With `today` given, a date that certainly lies after it is refused.
    Raises `DomainError` for `field` with a sentence that says what to enter.
    """
    words = _plain(text)
    if _SHORT_YEAR.fullmatch(words):
        raise DomainError(FOUR_DIGITS, field=field)
    strict = _strict_form(words)
    try:
        found = PartialDate(strict, *_range_of(strict))
    except ValueError:
        raise DomainError(EXPECTED, field=field) from None
    if found.latest.year < EARLIEST_YEAR:
        raise DomainError(f"Enter a year from {EARLIEST_YEAR} on", field=field)
    if today is not None and found.earliest > today:
        raise DomainError("Enter a date that is not in the future", field=field)
    return found


def in_words(when: PartialDate) -> str:
    """The date as a person would write it: "April 3, 2019", "April 2019", "spring 2019", "2019"."""
    if _STRICT_DAY.fullmatch(when.text):
        day = when.earliest
        return f"{calendar.month_name[day.month]} {day.day}, {day.year}"
    if _STRICT_MONTH.fullmatch(when.text):
        return f"{calendar.month_name[when.earliest.month]} {when.earliest.year}"
    return when.text


def _range_of(text: str) -> tuple[date, date]:
    if match := _STRICT_DAY.fullmatch(text):
        day = date(int(match[1]), int(match[2]), int(match[3]))
        return day, day
    if match := _STRICT_MONTH.fullmatch(text):
        return _months(int(match[1]), int(match[2]), int(match[2]))
    if match := _STRICT_YEAR.fullmatch(text):
        return _months(int(match[1]), 1, 12)
    if match := _STRICT_SEASON.fullmatch(text):
        return _season(match[1], int(match[2]))
    raise ValueError(text)


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    if not 1 <= last <= 12 or year < 1:
        raise ValueError(year)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _season(season: str, year: int) -> tuple[date, date]:
    if season != "winter":
        return _months(year, *_MONTHS_OF[season])
    return date(year - 1, 12, 1), _months(year + 1, 2, 2)[1]


def _plain(text: str) -> str:
    lowered = _ORDINAL.sub("", text.strip().lower().replace(",", " "))
    return " ".join(_FILLERS.sub(" ", lowered).replace("mid-", "mid ").split()).rstrip(".")


def _strict_form(words: str) -> str:
    if match := _SLASHED_DAY.fullmatch(words):
        return f"{match[3]}-{int(match[1]):02}-{int(match[2]):02}"
    if match := _SLASHED_MONTH.fullmatch(words):
        return f"{match[2]}-{int(match[1]):02}"
    if match := _ISO_LIKE.fullmatch(words):
        return "-".join([match[1], f"{int(match[2]):02}", *([f"{int(match[3]):02}"] if match[3] else [])])
    return _strict_form_of_words(words.replace(".", ""))


def _strict_form_of_words(words: str) -> str:
    if match := _WORD_YEAR.fullmatch(words):
        word, year = (match[1], match[2]) if match[1] else (match[4], match[3])
        if word in _MONTH_NAMES:
            return f"{year}-{_MONTH_NAMES[word]:02}"
        return f"{_SPELLINGS.get(word, word)} {year}"
    if match := _NAMED_DAY.fullmatch(words):
        word, day = (match[1], match[2]) if match[1] else (match[4], match[3])
        return f"{match[5]}-{_MONTH_NAMES.get(word, 0):02}-{int(day):02}"
    return words
