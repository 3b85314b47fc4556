"""Where infusions may go: what is free, the best series, why there is none, boosters after it.

`values` the nouns · `reading`, `writing`, `fields` JSON · `capacity` what is free, the one definition (a day's masks:
`occupancy`) · `series_rules` gaps, span, window of a whole series · `planning` the proven best series and its
alternatives (`offers`, `levels`, `search`, `costs`, `alternatives`, `wording` with its `whys`) · `explanations` why no
series exists (`families` of `relaxations`, `obstacles`) · `checking` the rules again, on their own (`checking_basics`,
`checking_costs`, `checking_batch`) · `protocols` the clinic's recipes ·
`boosters` what comes after the series.

`batch` many series together (`batch_values`, `batch_reading`): `batch_tables` and `batch_trimming` what each could
have alone, `batch_board` and `batch_seating` what is still free, `batch_layout` who stands where, `batch_orders` one
by one, `batch_improving` better and better, `batch_bounds` what no plan can beat (`batch_scarcity`, `batch_prices`).
"""
