"""Names for a person to pick from."""

from __future__ import annotations

from itertools import combinations

import pytest

from intake.domain.screening import lookalikes
from intake.domain.screening.name_search import SHOWN, offers, search, suggestions, use_of
from intake.domain.screening.sources import key_of
from tests.domain.test_spelling import ASKED


def names(typed: str) -> list[str]:
    return [one.name for one in search(typed)]


@pytest.mark.parametrize(("typed", "first"), [(typed, read_as) for typed, read_as, _ in ASKED])
def test_a_misspelled_name_finds_its_own_first(typed: str, first: str) -> None:
    assert names(typed)[0] == first


@pytest.mark.parametrize(("typed", "first"), [("zoloft", "Zoloft"), ("CELEXA", "Celexa"), ("lithium", "lithium")])
def test_the_name_itself_comes_first(typed: str, first: str) -> None:
    assert names(typed)[0] == first


def test_names_that_begin_so_come_before_misspelled_ones() -> None:
    assert names("bupro")[0].startswith("bupro")
    assert "Wellbutrin" in names("wellb")


@pytest.mark.parametrize(
    "typed", ["celexa", "celebrex", "lamictal", "lamisil", "buspirone", "bupropion", "hydroxizine"]
)
def test_a_look_alike_is_never_shown_alone(typed: str) -> None:
    shown = search(typed)
    partners = {key_of(one.name) for one in lookalikes.partners_of(shown[0].name)}
    assert partners and partners <= {key_of(one.name) for one in shown}
    assert all(one.used_for for one in shown[:2])


@pytest.mark.parametrize("typed", ["", "  ", "xqzwvk", "blue heart pill", "!!", "x" * 10_000])
def test_what_is_no_name_finds_nothing(typed: str) -> None:
    assert search(typed) == ()


def test_no_more_are_shown_than_fit() -> None:
    assert len(search("a")) == SHOWN


def test_suggestions_name_each_medicine_once() -> None:
    found = [one.name for one in suggestions("effexer xr")]
    assert found[0] == "Effexor XR"
    assert "Effexor" not in found


def test_offers_name_each_medicine_once_and_know_their_look_alikes() -> None:
    known = {key_of(one.name): one for one in offers()}
    assert len(known) == len(offers())
    assert known["celexa"].note == "citalopram, depression"
    assert "Celebrex" in known["celexa"].looks_like
    for one in offers():
        assert {key_of(name) for name in one.looks_like} <= set(known)
    for pair in lookalikes.pairs():
        for one, other in combinations((pair.one, pair.other), 2):
            assert other.name in known[key_of(one.name)].looks_like or key_of(other.name) == key_of(one.name)


@pytest.mark.parametrize(
    ("name", "use"),
    [("Celexa", "depression"), ("atenolol", "beta-blocker"), ("Abilify", "psychosis, mania or depression")]
    + [("kratom", "grey-market sedatives and supplements"), ("nonsense", "")],
)
def test_a_use_is_the_tables_else_the_class_else_the_row(name: str, use: str) -> None:
    assert use_of(name) == use
