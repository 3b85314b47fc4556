"""How a name is found: folded, by its beginning, by its sound."""

from __future__ import annotations

import pytest

from intake.domain.person_names import folded, name_keys, prefixes, sound_of, words_of


@pytest.mark.parametrize(
    ("name", "found_as"),
    [
        ("Rivera", "rivera"),
        ("Peña", "pena"),
        ("O'Neil", "oneil"),
        ("O’Neil", "oneil"),
        ("Nguyễn", "nguyen"),
        ("Łukasz", "lukasz"),
        ("Großmann", "grossmann"),
        ("Smith-Jones", "smith jones"),
        ("  van   der Berg ", "van der berg"),
        ("李", "李"),
        ("", ""),
    ],
)
def test_case_accents_and_punctuation_do_not_matter(name: str, found_as: str) -> None:
    assert folded(name) == found_as


def test_each_part_of_a_double_name_is_a_word_once() -> None:
    assert words_of("Jones Smith-Jones") == ["jones", "smith"]


def test_a_word_is_found_by_each_of_its_beginnings() -> None:
    assert prefixes("ana") == ["a", "an", "ana"]


@pytest.mark.parametrize(
    ("one", "other"), [("smith", "smyth"), ("robert", "rupert"), ("catherine", "cathryn"), ("meyer", "maier")]
)
def test_names_that_sound_alike_share_a_key(one: str, other: str) -> None:
    assert sound_of(one) == sound_of(other)


@pytest.mark.parametrize(
    ("word", "key"),
    [("ashcraft", "A261"), ("tymczak", "T522"), ("pfister", "P236"), ("honeyman", "H555"), ("lee", "L000"), ("李", "")],
)
def test_the_phonetic_key_follows_the_archives_rules(word: str, key: str) -> None:
    assert sound_of(word) == key


def test_a_person_is_found_by_all_names() -> None:
    keys = name_keys("Ana", "Rivera", None)
    assert {("name", "riv"), ("name", "ana"), ("sound", "R160"), ("sound", "A500")} <= keys
    assert ("name", "iv") not in keys
