#!/usr/bin/env bash
# What the browser and replay tests need beside the Python packages: Chromium, ReplayWeb.page, pywb,
# wget, the schema of PREMIS.
# For Debian 12 as root. Parts that are there already are left alone, so it can run before each test.
set -euo pipefail
parts="$(cd "$(dirname "$0")" && pwd)/parts"
replaywebpage=2.4.6
pywb=2.10.0
sip_validator=0.2.9

missing=()
command -v chromium > /dev/null || missing+=(chromium)
command -v npm > /dev/null || missing+=(npm)
command -v wget > /dev/null || missing+=(wget)
python3 -c 'import ensurepip' 2> /dev/null || missing+=(python3-venv)
if ((${#missing[@]})); then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# The package as it is published: its two scripts are bundled whole, and its dependencies are those
# of the desktop program, which the tests don't use.
page="$parts/node_modules/replaywebpage"
if ! grep -qs "\"version\": \"$replaywebpage\"" "$page/package.json"; then
    rm -rf "$page"
    mkdir -p "$page"
    (cd "$parts" && npm pack --silent "replaywebpage@$replaywebpage" > /dev/null)
    tar -xzf "$parts/replaywebpage-$replaywebpage.tgz" -C "$page" --strip-components=1
    rm "$parts/replaywebpage-$replaywebpage.tgz"
fi

# An environment of its own: pywb pins older versions of what the crawler uses.
installed='import importlib.metadata as m; print(m.version("pywb"))'
if [[ "$("$parts/pywb/bin/python" -c "$installed" 2> /dev/null)" != "$pywb" ]]; then
    rm -rf "$parts/pywb"
    python3 -m venv "$parts/pywb"
    "$parts/pywb/bin/pip" install -q --disable-pip-version-check "pywb==$pywb"
fi

# For the PREMIS 3.0 schema of the Library of Congress that it brings; its own code is not used.
if ! [[ -f "$parts/sip-$sip_validator/meemoo_sip_validator/assets/premis-3-0.xsd.xml" ]]; then
    "$parts/pywb/bin/pip" install -q --disable-pip-version-check --no-deps \
        --ignore-requires-python --target "$parts/sip-$sip_validator" \
        "meemoo-sip-validator==$sip_validator"
fi
