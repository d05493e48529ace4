#!/bin/sh
# Makes .venv with exactly the pinned requirements and Shipboard itself, or does nothing when it is
# up to date. `setup.sh dev` adds what the checks and tests need.
set -eu
cd "$(dirname "$0")/.."

kind=${1:-run}
case $kind in
    run) requirements=requirements.txt ;;
    dev) requirements=requirements-dev.txt ;;
    *) echo "usage: scripts/setup.sh [dev]" >&2; exit 2 ;;
esac

# Nothing of another Python's surroundings may leak into the environment.
unset PYTHONHOME PYTHONPATH || true

fail() {
    echo "$*" >&2
    exit 1
}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Asked by running it: a name on PATH may be a shim for a version that is not installed.
choose_python() {
    bare=
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        is_recent "$name" || continue
        if "$name" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
        bare=${bare:-$name}
    done
    [ -z "$bare" ] && fail "Shipboard needs Python 3.11 or later; install it and try again."
    version=$("$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    fail "Python $version is here without its venv part; run 'apt-get install python$version-venv'" \
        "(or your system's package of that name) and try again."
}

# What an environment was made from: it is made again, or added to, only when this changes.
fingerprint() {
    .venv/bin/python -c 'import sys; print(sys.version, sys.prefix)' || return 1
    cksum "$1" pyproject.toml
}

is_current() {
    [ -f ".venv/installed-$1" ] && [ "$(fingerprint "$2")" = "$(cat ".venv/installed-$1")" ]
}

if ! is_recent .venv/bin/python; then
    python=$(choose_python)
    echo "Making .venv with $("$python" --version)."
    "$python" -m venv --clear .venv
fi

is_current "$kind" "$requirements" && exit 0

echo "Installing the requirements into .venv; the first time takes a minute or two."
pip() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input --quiet "$@"
}
rm -f .venv/installed-*
pip install --root-user-action=ignore --require-hashes -r "$requirements" ||
    fail "The requirements could not be installed; the reason is above. Is there a network?"
pip install --root-user-action=ignore --no-deps --no-build-isolation -e . ||
    fail "Shipboard itself could not be installed into .venv; the reason is above."

# The requirements for development contain those for running.
fingerprint requirements.txt >.venv/installed-run
[ "$kind" = run ] || fingerprint "$requirements" >.venv/installed-dev
