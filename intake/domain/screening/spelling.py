"""Which names lie near a misspelled one: trigrams pick the 20 likeliest, the number of slips decides.

A slip is a letter left out, added, changed, or swapped with its neighbour (optimal string alignment).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nlargest

LIKELIEST = 20
SHORTEST = 4
"""Below so many letters nothing is corrected: any two short names are near each other."""
_SOUNDS_LIKE = frozenset(map(frozenset, ("cs", "ck", "fp", "gj", "iy", "kq", "xz", "ae", "ei", "eu")))

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """A name and by how many slips it was missed; 0: not at all. `letters`: of the shorter of what was compared."""

    slips: int
    name: str
    letters: int = field(default=0, compare=False)

    @property
    def is_sure(self) -> bool:
        """Whether so few slips among so many letters leave no doubt: 1 below 8 letters, 2 below 12, else 3.

        Less than what is offered to a person to choose from, since most medicines of the world are not in the list:
        six letters with two slips are as often another medicine.
        """
        return self.slips <= (1 if self.letters < 8 else 2 if self.letters < 12 else 3)


def cap_of(length: int) -> int:
    """The most slips that a name of so many letters may hold: 0 below 4, 1 below 6, 2 below 9, else 3."""
    if length < SHORTEST:
        return 0
    return 1 if length < 6 else 2 if length < 9 else 3


def slips_between(one: str, other: str, cap: int) -> int | None:
    """How many slips part two words; None: more than `cap`."""
    if abs(len(one) - len(other)) > cap:
        return None
    before: list[int] = []
    previous: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, previous, row = previous, row, [at]
        for place, there in enumerate(other, 1):
            best = min(previous[place] + 1, row[-1] + 1, previous[place - 1] + (letter != there))
            if at > 1 and place > 1 and letter == other[place - 2] and there == one[at - 2]:
                best = min(best, before[place - 2] + 1)
            row.append(best)
        if min(row) > cap:
            return None
    return row[-1] if row[-1] <= cap else None


class NameIndex:
    """Names to look in, by the words that are compared; several names may have the same ("sertraline HCl")."""

    def __init__(self, names: Iterable[tuple[str, Words]]) -> None:
        named: dict[Words, list[str]] = defaultdict(list)
        for name, words in names:
            named[words].append(name)
        self._entries = tuple(named.items())
        self._trigrams = [len(trigrams_of("".join(words))) for words, _ in self._entries]
        self._holding: dict[str, list[int]] = defaultdict(list)
        for place, (words, _) in enumerate(self._entries):
            for trigram in trigrams_of("".join(words)):
                self._holding[trigram].append(place)

    def near(self, typed: Words) -> list[Near]:
        """The names within the cap, the nearest first; the same name once."""
        best: dict[str, Near] = {}
        for place in self._likeliest("".join(typed)):
            words, names = self._entries[place]
            slips = _slips_of_words(typed, words)
            if slips is None:
                continue
            letters = min(len("".join(typed)), len("".join(words)))
            for name in names:
                best[name] = min(Near(slips, name, letters), best.get(name, Near(slips, name, letters)))
        return sorted(best.values())

    def _likeliest(self, typed: str) -> list[int]:
        wanted = trigrams_of(typed)
        shared = Counter(place for trigram in wanted for place in self._holding.get(trigram, ()))
        likeness = [(2 * count / (len(wanted) + self._trigrams[place]), -place) for place, count in shared.items()]
        return [-place for _, place in nlargest(LIKELIEST, likeness)]


def trigrams_of(word: str) -> set[str]:
    """Every three letters in a row, beginning and end marked."""
    padded = f"  {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def _slips_of_words(typed: Words, listed: Words) -> int | None:
    """The slips of all words together; None where one word, or all of them, have more than their length allows.

    A word of fewer than four letters has to be right ("vitamin D" is not vitamin D3), and none is added or left out
    ("Claritin D"). Beyond one slip the first letters have to sound alike.
    """
    if len(typed) != len(listed):
        return None
    total = 0
    for one, other in zip(typed, listed, strict=True):
        slips = slips_between(one, other, min(cap_of(len(one)), cap_of(len(other))))
        if slips is None or (slips > 1 and not _sound_alike(one[0], other[0])):
            return None
        total += slips
    return total if total <= cap_of(sum(map(len, typed))) else None


def _sound_alike(one: str, other: str) -> bool:
    return one == other or frozenset((one, other)) in _SOUNDS_LIKE
