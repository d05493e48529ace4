#!/bin/sh
# Every check and test, in the order of what fails fastest. Stops at the first that fails and says
# which one it was. `check.sh with-browser` ends with the browser tests.
set -eu
cd "$(dirname "$0")/.."

PATH="$PWD/.venv/bin:$PATH"
export PATH
# What the developer's own desk is set to is none of the tests' business.
for name in $(env | sed -n 's/^\(SHIPBOARD_[A-Z_]*\)=.*/\1/p'); do
    unset "$name"
done

step() {
    what=$1
    shift
    echo "== $what"
    "$@" || {
        echo "make: the step '$what' failed; the reason is above." >&2
        exit 1
    }
}

# Compares models and migrations only: no database is asked, and no key is made in a home.
migrations() {
    SHIPBOARD_SECRET_KEY=check DJANGO_SETTINGS_MODULE=shipboard.settings \
        SHIPBOARD_DATABASE_URL='postgresql:///none?host=/nonexistent' \
        python -W ignore -m django makemigrations --check --dry-run
}

# By two processes, each with a database (and a desk and a browser) of its own.
by_two() {
    python -m pytest -q --numprocesses 2 --dist worksteal "$@"
}

step "lint" ruff check .
step "format" ruff format --check .
step "types" mypy shipboard sandbox
step "import order" lint-imports
step "migrations" migrations
step "unit tests" by_two tests --ignore=tests/embedded --ignore=tests/browser
step "fault tests" by_two tests/embedded
if [ "${1:-}" = with-browser ]; then
    step "browser tests" by_two tests/browser
fi
echo "== all is well"
