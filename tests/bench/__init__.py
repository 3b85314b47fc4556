"""What Intake costs: `make bench` runs every part, `make bench ARGS="planning booking"` some of them.

A part is a module of this package with `main() -> None`, which prints its figures as tables in Markdown. The results
stand in docs/benchmarks.md with the command and the machine in words.
"""
