#!/bin/bash
# The first half of `make env`: the virtual environment .venv with the packages of the lock files, each checked by its hash.
# Usage: scripts/setup/environment.sh LOCK…     PYTHON names the interpreter (default python3.11)
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3.11}

fail() {
    echo "make env: $*" >&2
    exit 1
}

# Debian keeps the module venv in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    [ "$(id -u)" -eq 0 ] && apt=(apt-get -qq -y) || apt=(sudo apt-get -qq -y)
    if command -v "${apt[0]}" >/dev/null && command -v apt-get >/dev/null; then
        echo "make env: installing Debian packages: python3 python3-venv"
        "${apt[@]}" update && "${apt[@]}" install --no-install-recommends python3 python3-venv >/dev/null || true
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python 3.11 with its module venv is needed (Debian: apt-get install python3.11 python3-venv; elsewhere: conda env create -f envs/python.yaml)."
fi
[ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = 3.11 ] || fail "$python is not Python 3.11, which the lock files are made for."

[ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv

for lock in "$@"; do
    stamp=.venv/.installed-$(basename "$lock" .lock)
    digest=$(sha256sum <"$lock")
    [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ] && continue
    echo "make env: installing the Python packages of $lock"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes --prefer-binary --use-pep517 -r "$lock" ||
        fail "the Python packages of $lock could not be installed; the lines above say why."
    echo "$digest" >"$stamp"
done
