# The commands of this project. Each installs what it needs first; nothing is fetched twice.
PY := .venv/bin/python
export UV_PYTHON_DOWNLOADS = never

.PHONY: help setup setup-test demo run test test-units test-postgresql test-browser test-long check words bench clean

help:
	@echo "make demo       play a whole evening and open it in the browser"
	@echo "make run        serve on http://localhost:8000 with the database under var/"
	@echo "make test       everything: units, stories, browser, SQLite and PostgreSQL"
	@echo "make test-long  the crash, load and fuzz tests at full size"
	@echo "make check      lint and types"
	@echo "make words      collect what people read for translators"
	@echo "make bench      speed and size, side by side with what one would have instead"

setup:
	@sh deploy/setup/python.sh requirements.lock
	@sh deploy/setup/assets.sh

setup-test:
	@sh deploy/setup/python.sh requirements-dev.lock
	@sh deploy/setup/assets.sh
	@sh deploy/setup/chromium.sh

demo: setup
	@.venv/bin/eventnet demo

run: setup
	@.venv/bin/eventnet db upgrade
	@.venv/bin/eventnet serve

check: setup-test
	$(PY) -m ruff check .
	$(PY) -m mypy

test: setup-test
	@$(MAKE) --no-print-directory test-units test-postgresql test-browser

test-units:
	$(PY) -m pytest tests -m "not browser and not long" -n 2 --dist loadfile

test-postgresql:
	$(PY) -m pytest tests -m "not browser and not long and not sqlite" -n 2 --dist loadfile --database postgresql

test-browser:
	$(PY) -m pytest tests -m "browser and not long"

test-long: setup-test
	$(PY) -m pytest tests -m "long" --timeout 3600
	$(PY) -m pytest tests -m "long and not browser and not sqlite" --timeout 3600 --database postgresql

# The date is left out so that the file changes only when a word does.
POT ?= eventnet/translations/messages.pot
words: setup
	@.venv/bin/pybabel -q extract --mapping-file eventnet/translations/babel.cfg --keyword later --sort-by-file \
		--add-location file --no-wrap --header-comment "# What people read in eventnet. Written by make words." \
		--project eventnet --version "" --output-file $(POT) eventnet templates
	@sed -i '/^"POT-Creation-Date/d' $(POT)

bench: setup-test
	$(PY) -m tests.bench

clean:
	rm -rf .venv node_modules static/lib var/fonts
