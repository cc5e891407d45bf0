#!/bin/sh
# Makes .venv with exactly the packages of the given lock file and this project. Quick when nothing changed.
set -eu
lock=$1
stamp=.venv/installed

want="$(cksum < "$lock") $lock"
if [ -x .venv/bin/python ] && [ -f "$stamp" ]; then
	have=$(cat "$stamp")
	# The development lock contains the runtime lock: never throw test tools away for `make demo`.
	[ "$have" = "$want" ] && exit 0
	case "$lock:$have" in requirements.lock:*requirements-dev.lock) exit 0 ;; esac
fi

python=""
for candidate in python3.13 python3.12 python3.11 python3; do
	if command -v "$candidate" >/dev/null 2>&1 &&
		"$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
		python=$candidate
		[ "$candidate" = python3 ] || "$candidate" -c 'import ensurepip' 2>/dev/null || continue
		break
	fi
done
if command -v python3 >/dev/null 2>&1 && python3 -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	python=python3
fi
if [ -z "$python" ]; then
	echo "Python 3.11 or newer is needed. On Debian 12: apt-get install python3 python3-venv" >&2
	exit 1
fi

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
	rm -rf .venv
	if ! "$python" -c 'import ensurepip' 2>/dev/null; then
		if [ "$(id -u)" = 0 ]; then
			apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
		elif sudo -n true 2>/dev/null; then
			sudo apt-get update -qq && sudo apt-get install -y -qq python3-venv >/dev/null
		fi
	fi
	"$python" -m venv .venv || {
		echo "The venv module is missing. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
		exit 1
	}
fi

echo "Installing Python packages ($lock) …"
if .venv/bin/python -m pip install -q --disable-pip-version-check uv 2>/dev/null; then
	# uv keeps itself out of what it syncs: it runs from the outside of the environment it fills.
	.venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "$lock"
	.venv/bin/uv pip install -q --python .venv/bin/python --no-deps -e .
else
	.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
	.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .
fi
echo "$want" > "$stamp"
