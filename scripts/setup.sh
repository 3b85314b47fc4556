#!/bin/sh
# Prepares .venv for `make run` (first argument "run") or `make test` ("test"). What is missing is said in one line.
# A copy of the requirements in .venv says what was installed last; while it is equal nothing is done.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:?say run or test}
venv=.venv/bin/python

fail() {
    echo "Missing: $1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

hint() { # $1: Debian packages, $2: Homebrew formula
    if [ "$(uname)" = Darwin ]; then echo "brew install $2"; else echo "sudo apt install $1"; fi
}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer${PYTHON:+ ($PYTHON is not)}. Install it: $(hint 'python3 python3-venv' python)"
}

make_venv() {
    if is_new_enough $venv && $venv -m pip --version >/dev/null 2>&1; then return; fi
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "python3-venv for $python. Install it: $(hint python3-venv python)"
    echo "Making the virtual environment with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv .venv || fail "a virtual environment; the lines above say why"
}

is_installed() { # $1: a requirements file
    cmp -s "$1" ".venv/installed-$1"
}

install() { # $1: a requirements file
    echo "Installing $1 (the first time this takes a minute) ..."
    rm -f .venv/installed-*
    $venv -m pip install --quiet --disable-pip-version-check --requirement "$1" ||
        fail "packages of $1; pip's lines above say why"
}

make_venv
if [ "$purpose" = test ]; then
    if ! { is_installed requirements.txt && is_installed requirements-test.txt; }; then
        install requirements-test.txt # which names requirements.txt
        cp requirements.txt .venv/installed-requirements.txt
        cp requirements-test.txt .venv/installed-requirements-test.txt
    fi
    exec $venv -m scripts.system_packages
fi
if ! is_installed requirements.txt; then
    install requirements.txt
    cp requirements.txt .venv/installed-requirements.txt
fi
