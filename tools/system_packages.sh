#!/bin/sh
# Make sure that Chromium, which the browser tests drive, is on this machine.
# Installs Debian's package where it may (as root, or with sudo that asks no password);
# otherwise prints the one command to run and fails. It never lets the tests go on without.
set -eu

find_chromium() {
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

if find_chromium; then
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The browser tests need Chromium on the PATH; install it with this system's package manager." >&2
    exit 1
fi

if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "The browser tests need Chromium. Run this once, then again make test:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium fonts-dejavu-core" >&2
    exit 1
fi

echo "Installing Chromium for the browser tests ..."
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null

find_chromium || { echo "Chromium was installed but is not on the PATH." >&2; exit 1; }
