#!/bin/sh
# Every check, then the tests, so that pytest's closing line is the last one. A failed check does not hide the tests.
# Arguments go to pytest. The environment's own INTAKE_* and DATABASE_URL do not reach the tests: each makes its own Config.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin/python
failed=""

check() { # $1: name, rest: command
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

check ruff $bin -m ruff check .
check format $bin -m ruff format --check .
check mypy $bin -m mypy
check djlint $bin -m djlint templates --lint --quiet
echo "== pytest"
[ -z "$failed" ] || echo "FAILED CHECKS:$failed (the tests run all the same, make will fail)"
$bin -m pytest -n 2 "$@"
tests=$?
[ -z "$failed" ] || exit 1
exit $tests
