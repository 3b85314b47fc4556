"""Where infusions may go: what is free, the best series, why there is none, boosters after it.

`values` the nouns · `reading` JSON to values and back · `capacity` what is free (the one definition) ·
`series_rules` gaps, span, window of a whole series · `planning` the proven best series and its alternatives ·
`wording` what each compromise costs, in words · `explanations` why no series exists · `checking` the rules
again, on their own · `protocols` the clinic's recipes · `boosters` what comes after the series.
"""
