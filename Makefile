.DEFAULT_GOAL := help
.PHONY: help run test check format bench db lock translations

python := .venv/bin/python
flask := .venv/bin/flask --app app
# Without it every process of a test compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE
# One more than there are cores: the browser's tests mostly wait.
testers := $(shell expr $$(nproc) + 1)

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

run: ## start the whole house on this machine: web, worker, payment sandbox
	@scripts/system run
	@scripts/venv runtime
	@exec $(python) -m scripts.run

test: ## run every test on SQLite, PostgreSQL and in the browser (ARGS=...)
	@scripts/system test
	@scripts/venv dev
	@$(python) -m scripts.translations compile
	@$(python) -m pytest -n $(testers) --dist worksteal --durations=15 $(ARGS)

check: ## lint, types, import rules, translations, migrations, templates, secrets
	@scripts/venv dev
	@exec $(python) -m scripts.check

format: ## let ruff put every file in order
	@scripts/venv dev
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .

bench: ## the repeatable measurements (ONLY=prefix,... ENGINE=sqlite|postgresql)
	@scripts/system test
	@scripts/venv dev
	@exec $(python) -m bench

db: ## bring the database of DATABASE_URL up to date
	@scripts/venv runtime
	@TIANBO_DEMO=$${TIANBO_DEMO-1} $(flask) db upgrade

lock: ## pin the newest releases that requirements*.in admit
	@scripts/lock

translations: ## collect the Chinese sentences for translations/en
	@scripts/venv runtime
	@$(python) -m scripts.translations update
