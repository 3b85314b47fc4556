"""A year of a clinic, played several times on the same draws: what a way of booking is worth.

`draws` who comes and what goes wrong · `ways` how a desk lays out and mends a series · `year` the days one after the
other · `figures` what came of it, and the plot. Everything is seeded: the same assumptions give the same year.
"""
