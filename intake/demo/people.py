"""Invented people, each made from a number: the same on every machine. Addresses and phones belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DOMAIN = "demo.example.org"
GIVEN_NAMES = (
    ("Maya", "f"), ("Owen", "m"), ("Priya", "f"), ("Luis", "m"), ("Hannah", "f"), ("Darnell", "m"), ("Ingrid", "f"),
    ("Tomas", "m"), ("Aisha", "f"), ("Kenji", "m"), ("Rosalind", "f"), ("Mateo", "m"), ("Beatrice", "f"),
    ("Emeka", "m"), ("Carla", "f"), ("Walter", "m"), ("Noor", "f"), ("Felix", "m"), ("Thandi", "f"), ("Gus", "m"),
    ("Leonie", "f"), ("Rafael", "m"), ("Susan", "f"), ("Vikram", "m"), ("Alma", "f"), ("Peter", "m"), ("Yuki", "f"),
    ("Samuel", "m"), ("Greta", "f"), ("Anders", "m"), ("Dolores", "f"), ("Malik", "m"), ("Fiona", "f"),
    ("Henrik", "m"), ("Lucia", "f"), ("Dominic", "m"), ("Wren", "f"), ("Isaac", "m"), ("Paloma", "f"),
    ("Theo", "m"), ("Margaret", "f"), ("Andre", "m"), ("Saoirse", "f"), ("Bilal", "m"), ("Edith", "f"),
    ("Joaquin", "m"), ("Mei", "f"), ("Russell", "m"), ("Odette", "f"), ("Callum", "m"), ("Tamara", "f"),
    ("Nikolai", "m"), ("Josephine", "f"), ("Elias", "m"), ("Ruth", "f"), ("Desmond", "m"), ("Anneke", "f"),
    ("Arturo", "m"), ("Clara", "f"),
)  # fmt: skip
FAMILY_NAMES = (
    "Okafor", "Lindgren", "Castillo", "Nakamura", "Whitaker", "Abara", "Delacroix", "Petrov", "Sandoval", "McAllister",
    "Haddad", "Larsen", "Quintero", "Ferreira", "Goldberg", "Tran", "Novak", "Blackwood", "Medina", "Ostrowski",
    "Bhatt", "Callahan", "Yazzie", "Romano", "Thibault", "Ellison", "Kowalski", "Varga", "Nguyen", "Stratton",
    "Ibarra", "Fitzgerald", "Osei", "Lund", "Marchetti", "Begay", "Hollis", "Sorensen", "Acosta", "Whitehorse",
    "Dunmore", "Keller", "Santos", "Abernathy", "Vega", "Rasmussen", "Chaudhry", "Moreau", "Trujillo", "Pemberton",
    "Ito", "Garrison", "Salazar", "Weiss", "Ogden", "Barros", "Lockhart", "Nilsson", "Montoya", "Farrow", "Espinoza",
    "Greer", "Hashimoto", "Vance", "Duarte", "Rinaldi", "Shelby", "Cordova", "Brandvold", "Mwangi", "Tierney",
    "Aguilar", "Holloway", "Sato", "Pruitt", "Zamora", "Engstrom", "Baca", "Lowry", "Fontaine", "Khoury", "Marsh",
    "Winslow",
)  # fmt: skip
STREETS = ("Alder Street", "Larkspur Lane", "Mesa Avenue", "Orchard Road", "Pine Court", "Quarry Street", "Sage Way")
TOWNS = {"Denver": "Denver, CO 80207", "Phoenix": "Phoenix, AZ 85006"}
FIRST_YEAR, YEARS = 1950, 53


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented."""

    number: int
    given_name: str
    family_name: str
    sex: str
    born_on: date
    email: str
    phone: str
    contact_name: str
    contact_phone: str

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.given_name} {self.family_name}"

    def address(self, site_name: str) -> str:
        """A street near a site, on two lines."""
        street = STREETS[self.number % len(STREETS)]
        return f"{100 + self.number * 37 % 1900} {street}\n{TOWNS.get(site_name, TOWNS['Denver'])}"


def person(number: int) -> Person:
    """The person of a number. Both lists have a prime length, so that pairs of names repeat after thousands only."""
    given, sex = GIVEN_NAMES[number % len(GIVEN_NAMES)]
    family = FAMILY_NAMES[number * 7 % len(FAMILY_NAMES)]
    other, _ = GIVEN_NAMES[(number * 3 + 11) % len(GIVEN_NAMES)]
    return Person(
        number=number,
        given_name=given,
        family_name=family,
        sex={"f": "female", "m": "male"}[sex],
        born_on=date(FIRST_YEAR + number * 17 % YEARS, 1 + number * 5 % 12, 1 + number * 11 % 28),
        email=f"{given}.{family}@{DOMAIN}".lower(),
        phone=_phone(number),
        contact_name=f"{other} {family}",
        contact_phone=_phone(number + 50),
    )


def _phone(number: int) -> str:
    return f"303-555-01{number % 100:02d}"
