"""Misspelled names of medicines: what is found, what is never guessed, and how fast."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase

import pytest

from intake.domain.screening import lookalikes, name_list
from intake.domain.screening.names import How, near, resolve
from intake.domain.screening.spelling import cap_of, slips_between


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("zoloft", "zoloft", 0),
        ("zolft", "zoloft", 1),  # one left out
        ("zolloft", "zoloft", 1),  # one added
        ("zolaft", "zoloft", 1),  # one changed
        ("zoolft", "zoloft", 1),  # neighbours swapped
        ("zooltf", "zoloft", 2),
        ("busprion", "buspirone", 2),
        ("", "abc", 3),
        ("lamisil", "lamictal", 3),
    ],
)
def test_slips_are_letters_left_out_added_changed_or_swapped(one: str, other: str, slips: int) -> None:
    assert slips_between(one, other, 3) == slips_between(other, one, 3) == slips
    assert slips_between(one, other, slips) == slips
    if slips:
        assert slips_between(one, other, slips - 1) is None


@pytest.mark.parametrize(("letters", "cap"), [(0, 0), (3, 0), (4, 1), (5, 1), (6, 2), (8, 2), (9, 3), (30, 3)])
def test_longer_names_may_hold_more_slips(letters: int, cap: int) -> None:
    assert cap_of(letters) == cap


ASKED = [
    ("zolft", "Zoloft", "sertraline"),
    ("lexipro", "Lexapro", "escitalopram"),
    ("welbutrin", "Wellbutrin", "bupropion"),
    ("effexer xr", "Effexor XR", "venlafaxine"),
    ("citalapram", "citalopram", "citalopram"),
    ("lamotrigene", "lamotrigine", "lamotrigine"),
]


@pytest.mark.parametrize(("typed", "read_as", "matched"), ASKED)
def test_a_common_misspelling_finds_its_medicine_first_and_says_how_it_was_read(
    typed: str, read_as: str, matched: str
) -> None:
    found = resolve(typed)
    assert (found.typed, found.read_as, found.matched, found.how) == (typed, read_as, matched, How.SPELLING)
    assert near(typed)[0].name == read_as


@pytest.mark.parametrize(
    ("typed", "matched"),
    [
        ("Sertralin HCl 50mg", "sertraline"),
        ("zanax 0.5 mg at bedtime", "alprazolam"),  # another first letter, by a single slip
        ("fenelzine", "phenelzine"),  # first letters that sound alike
        ("contrav", "naltrexone + bupropion"),
        ("marijauna", "cannabis"),
        ("hydroxizine", "hydroxyzine"),
        ("Celexia", "citalopram"),
        ("lamictil", "lamotrigine"),
        ("zolft (for mood)", "sertraline"),
        ("depicote", "divalproex"),  # two slips in 8 letters
        ("hidroclorotiazide", "hydrochlorothiazide"),  # three in 17
    ],
)
def test_a_misspelling_is_matched_where_one_medicine_is_clearly_nearest(typed: str, matched: str) -> None:
    assert (resolve(typed).matched, resolve(typed).how) == (matched, How.SPELLING)


@pytest.mark.parametrize("typed", ["zoloft", "Wellbutrin XL 300 mg", "sertraline HCl", "buproprion", "blue heart pill"])
def test_what_is_written_rightly_or_not_found_is_not_shown_as_a_correction(typed: str) -> None:
    assert resolve(typed).read_as is None


@pytest.mark.parametrize(
    "typed",
    [
        "busprion",  # as near to Budeprion as to buspirone
        "clonapin",  # Klonopin or clozapine
        "hydrolizine",  # hydroxyzine or hydralazine
        "efexer",  # two slips in 6 letters
        "lamotrygeme",  # three in 11
        "wamotrigene",  # two, and another first letter
        "clonizipam",  # two from clonazepam, three from clonazolam
        "vitamin d",  # a short word has to be right
        "vitamin c",
        "zyrtec d",  # a word more is another product
        "Zyrtec-D",
        "zyrtecd",
        "Tylenol PM",
        "xyz",
        "MBTC",  # kinds of treatment that are no medicines are found as written only
        "lsd25",
    ],
)
def test_where_there_is_doubt_nothing_is_decided(typed: str) -> None:
    assert (resolve(typed).matched, resolve(typed).how) == (None, How.NONE)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hydroxyzine", "hydralazine"), ("Celexa", "Celebrex"), ("Lamictal", "Lamisil"), ("bupropion", "buspirone")],
)
def test_a_look_alike_typed_rightly_shows_its_partner_with_its_use(one: str, other: str) -> None:
    assert other in {partner.name for partner in lookalikes.partners_of(one)}
    assert one in {partner.name for partner in lookalikes.partners_of(other.upper())}
    assert all(partner.used_for for partner in lookalikes.partners_of(one))
    assert resolve(one).matched != resolve(other).matched


@pytest.mark.parametrize("name", lookalikes.unlisted_names())
def test_a_look_alike_outside_the_lists_is_never_read_as_a_listed_name(name: str) -> None:
    assert resolve(name).matched is None
    assert resolve(f"{name} 10 mg tablets").matched is None


def test_every_pair_is_of_two_names_with_uses_and_says_where_it_is_from() -> None:
    for pair in lookalikes.pairs():
        assert pair.one.used_for and pair.other.used_for and pair.source and pair.confidence
        assert pair.one.name != pair.other.name
        known = {pair.one.name, pair.other.name} - set(lookalikes.unlisted_names())
        assert known, pair


def test_random_letters_find_nothing() -> None:
    random = Random(1)  # noqa: S311
    words = ["".join(random.choices(ascii_lowercase, k=random.randint(6, 14))) for _ in range(300)]
    assert [word for word in words if near(word) or resolve(word).matched] == []


def test_one_slip_in_a_name_never_gives_another_medicine_silently() -> None:
    random = Random(2)  # noqa: S311
    wrong = []
    for name, match in list(name_list.listed().values())[::3]:
        typed = _with_a_slip(name, random)
        found = resolve(typed)
        if found.how is How.SPELLING and found.components != match.components:
            wrong.append((name, typed, found.matched))
    assert wrong == []


def _with_a_slip(name: str, random: Random) -> str:
    at = random.randrange(1, max(2, len(name) - 1))
    way = random.randrange(3)
    if way == 0:
        return name[:at] + name[at + 1 :]
    return name[:at] + random.choice(ascii_lowercase) + name[at + (way == 1) :]
