"""Each row of the interaction table is reached by a member, a brand and a salt; where there is none, here is why."""

from __future__ import annotations

import pytest

from intake.domain.screening.name_list import How, listed
from intake.domain.screening.names import resolve
from intake.domain.screening.sources import (
    UNRECOGNISED,
    InteractionRow,
    further_components,
    further_names,
    interactions,
)

NO_DRUG = "no medicine with a brand or a salt: a drink, a plant, a food or a street drug"
NO_BRAND = {
    "St John's wort": "sold under the plant's name; the list's brand Hypericum is the member itself",
    "Grapefruit": NO_DRUG,
    "Alcohol, same day or within 24 hours": NO_DRUG,
    "Heavy alcohol use or withdrawal risk": "a condition, no medicine",
    "Cannabidiol": "its only brand, Epidiolex, is a member of the row",
    "Recreational dissociatives": NO_DRUG,
    "Classic psychedelics": NO_DRUG,
    "Serotonergic supplements": "sold under the substance's name; the list's brand SAMe is a member of the row",
}
NO_SALT = {
    **NO_BRAND,
    "Lamotrigine": "given as the base",
    "Cannabis": "given as the base",
    "Sodium oxybate": "the member names its salt",
    "Zuranolone": "given as the base",
    "Clozapine": "given as the base",
    "Gabapentinoids": "given as the base or as an ester that is a member",
    "Levetiracetam and other non-inducing anticonvulsants": "given as the base",
    "Glucose-lowering drugs while fasting": "insulins, and tablets given as the base",
    "SGLT2 inhibitors": "given as the base or as a solvate that no label names",
    "Lithium": "both members are salts",
    "Corticosteroids": "the members' salts are for injection",
}
NO_SALT.pop("Recreational dissociatives")
SALTS = {
    "Benzodiazepines, daily": "clorazepate dipotassium",
    "Benzodiazepines, as-needed within 24 hours of infusion": "chlordiazepoxide hydrochloride",
    "Other glutamate-lowering anticonvulsants": "zonisamide sodium",
    "Valproate": "divalproex sodium",
    "MAOI antidepressants": "phenelzine sulfate",
    "MAO-B inhibitors (Parkinson doses)": "rasagiline mesylate",
    "Other drugs with MAO inhibition": "procarbazine hydrochloride",
    "Prescription stimulants": "lisdexamfetamine dimesylate",
    "Wake-promoting agents": "pitolisant hydrochloride",
    "Decongestants and oral sympathomimetics": "pseudoephedrine HCl",
    "Vasopressin and analogues": "desmopressin acetate",
    "Beta-agonist inhalers": "albuterol sulfate",
    "Thyroid hormones": "levothyroxine sodium",
    "Theophylline and aminophylline": "theophylline anhydrous",
    "Caffeine, high intake or energy drinks": "caffeine citrate",
    "CYP3A4 strong inhibitors": "atazanavir sulfate",
    "CYP3A4 moderate inhibitors": "diltiazem hydrochloride",
    "CYP2B6 inhibitors": "clopidogrel bisulfate",
    "Strong CYP3A4/2B6 inducers": "phenytoin sodium",
    "Other inducers": "eslicarbazepine acetate",
    "Opioid agonists": "morphine sulfate",
    "Serotonergic opioids": "tramadol hydrochloride",
    "Buprenorphine": "buprenorphine hydrochloride",
    "Opioid antagonists": "naltrexone hydrochloride",
    "Peripheral opioid antagonists": "naloxegol oxalate",
    "Z-drugs": "zolpidem tartrate",
    "Other sleep medicines": "daridorexant hydrochloride",
    "Barbiturates": "phenobarbital sodium",
    "Muscle relaxants": "tizanidine hydrochloride",
    "Sedating antihistamines and antiemetics": "hydroxyzine pamoate",
    "Disulfiram and acamprosate": "acamprosate calcium",
    "Illicit stimulants, recent": "methamphetamine hydrochloride",
    "Recreational dissociatives": "PCP hydrochloride",
    "Grey-market sedatives and supplements": "tianeptine sodium",
    "Stimulant supplements": "yohimbine hydrochloride",
    "Other NMDA antagonists": "memantine hydrochloride",
    "Dextromethorphan products": "dextromethorphan hydrobromide",
    "Esketamine nasal (duplicate)": "esketamine hydrochloride",
    "Ketamine from another source (duplicate)": "ketamine hydrochloride",
    "SSRIs": "paroxetine mesylate",
    "SNRIs": "desvenlafaxine succinate",
    "Bupropion": "bupropion hydrobromide",
    "Tricyclics and tetracyclics": "imipramine pamoate",
    "Other antidepressants": "trazodone hydrochloride",
    "Haloperidol and risperidone": "haloperidol decanoate",
    "Augmentation antipsychotics": "quetiapine fumarate",
    "Levodopa and dopamine agonists": "pramipexole dihydrochloride",
    "Antihypertensives, general": "amlodipine besylate",
    "Beta-blockers": "metoprolol succinate",
    "Central alpha-2 agonists": "clonidine hydrochloride",
    "Alpha-1 blockers": "doxazosin mesylate",
    "Nitrates and PDE5 inhibitors": "isosorbide dinitrate",
    "Antiarrhythmics and digoxin": "flecainide acetate",
    "Triptans and ergots": "sumatriptan succinate",
    "GLP-1 and GIP/GLP-1 agonists": "semaglutide sodium",
    "Anticoagulants and antiplatelets": "warfarin sodium",
    "Calcineurin and mTOR inhibitors": "tacrolimus monohydrate",
    "HIV antiretrovirals": "dolutegravir sodium",
    "Hormonal contraceptives and oestrogen": "norethindrone acetate",
    "Antiemetics given with infusion": "ondansetron hydrochloride",
    "QT-prolonging burden": "citalopram hydrobromide",
    "Hepatotoxic or liver-marker drugs": "methotrexate sodium",
    "Bladder drugs": "oxybutynin chloride",
    "Anticholinergics": "benztropine mesylate",
    "Smoking-cessation drugs and nicotine": "varenicline tartrate",
    "Acetylcholinesterase inhibitors": "donepezil hydrochloride",
}
ROWS = [row for row in interactions() if row.agent != UNRECOGNISED]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.agent)
def test_a_row_is_reached_by_each_member(row: InteractionRow) -> None:
    assert [name for name in row.members if row.agent not in resolve(name.upper()).rows] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.agent)
def test_a_row_is_reached_by_a_brand_or_says_why_it_has_none(row: InteractionRow) -> None:
    brands = [name for name, match in listed().values() if match.how is How.BRAND and row.agent in match.rows]
    assert bool(brands) != (row.agent in NO_BRAND)
    for name in brands:
        assert row.agent in resolve(f"{name} 10 mg").rows


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.agent)
def test_a_row_is_reached_by_a_salt_or_says_why_it_has_none(row: InteractionRow) -> None:
    assert (row.agent in SALTS) != (row.agent in NO_SALT)
    if row.agent in SALTS:
        found = resolve(SALTS[row.agent])
        assert row.agent in found.rows
        assert found.how in (How.SALT, How.EXACT)  # exact: the list has this salt


def test_the_unrecognised_row_is_reached_by_what_no_list_has() -> None:
    assert resolve("blue heart pill").matched is None


def test_names_beside_the_three_lists_mean_medicines_of_the_lists_and_hide_none() -> None:
    for further in further_names():
        assert all(resolve(name).matched for name in further.means), further
        components = {part for name in further.means for part in resolve(name).components}
        assert set(resolve(further.name).components) == components, further
        assert further.source and further.confidence


def test_what_further_components_name_is_in_the_lists() -> None:
    for key, components in further_components().items():
        assert key in listed()
        assert set(components) == set(listed()[key][1].components)
