#!/usr/bin/env bash
# What the tests of schedules need beside the Python packages: cron, systemd's own checks, Scrapyd.
# For Debian 12 as root. Parts that are there already are left alone, so it can run before each test.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
parts="$root/tests/parts"
scrapyd=1.6.0
client=2.0.3

missing=()
command -v cron > /dev/null || missing+=(cron)
command -v systemd-analyze > /dev/null || missing+=(systemd)
python3 -c 'import ensurepip' 2> /dev/null || missing+=(python3-venv)
if ((${#missing[@]})); then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# An environment of its own: Scrapyd wants an older setuptools than Datasette is locked to. What
# luutru needs is there as locked; luutru itself is deployed.
lock="$parts/scrapyd/installed.lock"
if ! cmp -s "$root/requirements.lock" "$lock"; then
    [[ -d "$parts/scrapyd" ]] || python3 -m venv "$parts/scrapyd"
    "$parts/scrapyd/bin/pip" install -q --disable-pip-version-check \
        -r <(grep -v '^setuptools==' "$root/requirements.lock") \
        "scrapyd==$scrapyd" "scrapyd-client==$client" 'setuptools>=80,<81'
    cp "$root/requirements.lock" "$lock"
fi
