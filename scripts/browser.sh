#!/bin/sh
# Makes sure that there is a browser for the browser tests: the system's, else a Debian package
# where we may install one, else Playwright's own download.
set -eu
cd "$(dirname "$0")/.."

works() {
    "$1" --version >/dev/null 2>&1
}

on_path() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        works "$name" && return 0
    done
    return 1
}

playwrights_own() {
    .venv/bin/python - <<'PYTHON' 2>/dev/null
import pathlib
import sys

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())
PYTHON
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_be_root() {
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

from_debian() {
    command -v apt-get >/dev/null 2>&1 && may_be_root || return 1
    echo "Installing the package chromium for the browser tests."
    as_root env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium' \
        >/dev/null || return 1
    # On some relatives of Debian the package is a mere pointer to another store.
    on_path
}

from_playwright() {
    echo "Downloading a browser for the browser tests."
    .venv/bin/python -m playwright install chromium && playwrights_own
}

if on_path || playwrights_own || from_debian || from_playwright; then
    exit 0
fi
echo "No browser for the browser tests: run 'sudo apt-get install chromium' (or install any" \
    "Chromium or Chrome), or run 'make check', which does without." >&2
exit 1
