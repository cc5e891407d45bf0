#!/bin/sh
# Brings scripts and fonts from npm by package-lock.json and copies the few files that pages and badges need.
set -eu
stamp=static/lib/installed
want=$(cat package-lock.json deploy/setup/assets.py | cksum)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && ls var/fonts/*.ttf >/dev/null 2>&1 && exit 0

if command -v npm >/dev/null 2>&1; then
	npm=npm
else
	# No npm on this machine: the same program from the Python registry, into the virtual environment.
	[ -x .venv/bin/npm ] || {
		echo "Installing npm into .venv …"
		.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-npm.lock
	}
	PATH="$PWD/.venv/bin:$PATH"
	npm=npm
fi
echo "Installing scripts and fonts (package-lock.json) …"
$npm ci --ignore-scripts --silent --no-audit --no-fund
.venv/bin/python deploy/setup/assets.py
echo "$want" > "$stamp"
