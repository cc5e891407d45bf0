#!/bin/sh
# The browser for tests: Chromium from Debian, installed when we may; otherwise one line that says what is missing.
set -eu
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
	[ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ]; then
	sudo=""
elif sudo -n true 2>/dev/null; then
	sudo="sudo"
else
	echo "Chromium is missing and may not be installed from here: sudo apt-get install chromium. Browser tests will fail." >&2
	exit 0
fi
echo "Installing Chromium …"
$sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null ||
	echo "Chromium could not be installed from Debian. Browser tests will fail." >&2
