#!/bin/sh
# Make sure that Chromium, which the browser tests drive, and LibreOffice Calc, which recalculates the workbooks, are on
# this machine. Installs Debian's packages where it may (as root, or with sudo that asks no password); otherwise prints the
# one command to run and fails. It never lets the tests go on without.
set -eu

found() {
    for name in "$@"; do
        if command -v "$name" >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

missing() {
    found chromium chromium-browser google-chrome || echo "chromium fonts-dejavu-core"
    found soffice || echo "libreoffice-calc"
}

packages=$(missing | tr '\n' ' ')
if [ -z "$packages" ]; then
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need ${packages}on the PATH; install them with this system's package manager." >&2
    exit 1
fi

if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "The tests need ${packages}. Run this once, then again make test:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $packages" >&2
    exit 1
fi

echo "Installing $packages for the tests ..."
$as_root apt-get update -qq
# shellcheck disable=SC2086  # one word for each package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null

[ -z "$(missing)" ] || { echo "$packages installed but not on the PATH." >&2; exit 1; }
