#!/usr/bin/env bash
# What the browser and replay tests need beside the Python packages: Chromium, ReplayWeb.page, pywb,
# axe-core, wget, HTTrack, the schema of PREMIS.
# For Debian 12 as root. Parts that are there already are left alone, so it can run before each test.
set -euo pipefail
parts="$(cd "$(dirname "$0")" && pwd)/parts"
replaywebpage=2.4.6
axe=4.14.1
pywb=2.10.0
sip_validator=0.2.9

missing=()
command -v chromium > /dev/null || missing+=(chromium)
command -v npm > /dev/null || missing+=(npm)
command -v wget > /dev/null || missing+=(wget)
command -v httrack > /dev/null || missing+=(httrack)
python3 -c 'import ensurepip' 2> /dev/null || missing+=(python3-venv)
if ((${#missing[@]})); then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# A package as it is published, without its dependencies: the scripts of both are bundled whole, and
# ReplayWeb.page names those of its desktop program, which the tests don't use.
unpack() {
    local name=$1 version=$2 folder="$parts/node_modules/$1"
    if ! grep -qs "\"version\": \"$version\"" "$folder/package.json"; then
        rm -rf "$folder"
        mkdir -p "$folder"
        (cd "$parts" && npm pack --silent "$name@$version" > /dev/null)
        tar -xzf "$parts/$name-$version.tgz" -C "$folder" --strip-components=1
        rm "$parts/$name-$version.tgz"
    fi
}
unpack replaywebpage "$replaywebpage"
unpack axe-core "$axe"

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
