"""What is put aside in a typed name before it is looked up: salt, strength, form, directions, release."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from intake.domain.data import read_document
from intake.domain.screening.sources import key_of

_WORDS = read_document("name-words.json")
SALTS = frozenset(_WORDS["salts"])
_FORMS = frozenset(_WORDS["forms"])
_RELEASES = frozenset(_WORDS["releases"])
_LEVELS = frozenset({"low", "high", "dose"})
QUALIFIERS = _RELEASES | _FORMS | _LEVELS
_STRENGTH = re.compile(
    r"(?<![\w.])(?:[0-9]*[.])?[0-9]+(?:[.,/-][0-9]+)*\s*"
    r"(?:(?:mg|mcg|ug|µg|micrograms?|milligrams?|grams?|g|ml|meq|units?|iu)(?![a-z])|%)?"
    r"(?:\s*(?:/|per)\s*[0-9]*\s*(?:ml|hr?|hours?|day|dose|spray|patch)(?![a-z]))?(?![\w-])"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_BETWEEN_MEDICINES = re.compile(r"\s*(?:[/+&,;-]|\band\b|\bwith\b)\s*")
_FORMS_TOO = (frozenset[str](), _FORMS, _FORMS | _RELEASES)


def words_of(name: str) -> list[str]:
    """The words of a name as written; an apostrophe does not part one."""
    return _WORD.findall(name)


def readings_of(name: str) -> list[str]:
    """The name as typed, then what stands before its first bracket, then what stands in it."""
    before, bracket, inside = name.partition("(")
    return [name, before, inside] if bracket else [name]


def keys_of(name: str) -> Iterator[tuple[str, bool]]:
    """Keys to look up, the fullest first, each with whether a salt was put aside."""
    yield key_of(name), False
    words = _without_strength(name)
    if not words:
        return
    yield key_of("".join(words)), False
    level = [word for word in words if word in _LEVELS]
    if level:  # "high dose acetaminophen" is the member "acetaminophen high dose"
        yield key_of("".join([*_kept(words, _FORMS), *level])), False
        yield key_of("".join([*level, *_kept(words, _FORMS)])), False
    for drop in _FORMS_TOO[1:]:
        yield key_of("".join(_kept(words, drop))), False
    for drop in _FORMS_TOO:
        yield key_of("".join(_kept(words, SALTS | drop))), True


def spellings_of(name: str) -> list[tuple[str, ...]]:
    """The words to compare with the list's names, strength and form put aside; then without release and salt too."""
    words = _without_strength(name)
    found = [tuple(_kept(words, drop)) for drop in (_FORMS, _FORMS | _RELEASES | SALTS)]
    return [one for one in dict.fromkeys(found) if one]


def parts_of(name: str) -> list[str]:
    """The medicines that a name lists: "bupropion/naltrexone", "carbidopa and levodopa"."""
    return [part for part in _BETWEEN_MEDICINES.split(_STRENGTH.sub(" ", name.casefold())) if part.strip()]


def _without_strength(name: str) -> list[str]:
    return words_of(_STRENGTH.sub(" ", name.casefold()))


def _kept(words: Iterable[str], drop: Collection[str]) -> list[str]:
    return [word for word in words if word not in drop]
