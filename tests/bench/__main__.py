"""Run the parts of the bench that are named, or all of them."""

from __future__ import annotations

import importlib
import sys

PARTS: tuple[str, ...] = ("batch", "booking", "history", "planning")


def main(names: list[str]) -> None:
    """Print the figures of each part under its name."""
    unknown = set(names) - set(PARTS)
    if unknown:
        sys.exit(f"No part named {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    for name in names or PARTS:
        print(f"\n## {name}\n", flush=True)
        importlib.import_module(f"tests.bench.{name}").main()


main(sys.argv[1:])
