"""How a person's name is found: folded words and their beginnings, and a phonetic key.

The same functions make the keys when a patient is added and when the desk types a name.
"""

from __future__ import annotations

import re
import unicodedata

KEY_LENGTH = 80
_NOT_DECOMPOSED = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_SOUNDS = {
    letter: code for code, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1) for letter in letters
}


def folded(text: str) -> str:
    """A name without case, accents and punctuation, its words parted by one space: "O'Neil-Peña" is "oneil pena"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_NOT_DECOMPOSED))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in "'’`")
    return " ".join(re.findall(r"\w+", letters))


def words_of(text: str) -> list[str]:
    """The folded words of a name, in order, each once."""
    return list(dict.fromkeys(folded(text).split()))


def prefixes(word: str) -> list[str]:
    """Every beginning of a folded word, the whole word included."""
    return [word[:length] for length in range(1, min(len(word), KEY_LENGTH) + 1)]


def sound_of(word: str) -> str:
    """The Soundex key of a folded word ("smith" and "smyth" are S530), or "" where it has no Latin letter first.

    Letters of one sound in a row count once, also across h and w. Source: US National Archives, Soundex rules.
    """
    if not word or not ("a" <= word[0] <= "z"):
        return ""
    key, before = word[0].upper(), _SOUNDS.get(word[0])
    for letter in word[1:]:
        sound = _SOUNDS.get(letter)
        if sound and sound != before:
            key += str(sound)
        if letter not in "hw":
            before = sound
    return key[:4].ljust(4, "0")


def name_keys(*names: str | None) -> set[tuple[str, str]]:
    """All (kind, key) pairs by which a person with these names is found; kinds are "name" and "sound"."""
    words = {word for name in names if name for word in words_of(name)}
    keys = {("name", prefix) for word in words for prefix in prefixes(word)}
    return keys | {("sound", sound_of(word)) for word in words if sound_of(word)}
