# `make run` and `make test` are all that anybody needs; they set everything up.
PORT ?= 8000
CHAOS ?=
PY = .venv/bin/python
export PORT SEED

.DEFAULT_GOAL := help
.PHONY: help set-up run test check format chaos bench-matching bench-messages bench-pages \
	bench-replies bench-rota bench-scrape bench-suggestions bench-waves screens requirements clean

help: ## say what can be made
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 18

set-up: ## make the virtual environment and build the front-end assets
	@p=$$(command -v "$${PYTHON:-python3}" || command -v python3.13 || command -v python3.12 || command -v python3.11) \
		|| { echo "Many Hands needs Python 3.11 or newer, and none was found."; exit 1; }; \
	"$$p" scripts/set_up.py

run: set-up ## run everything here, with a demo county (PORT=8010 for another port)
	@exec $(PY) scripts/run.py

test: set-up ## run all tests on both databases
	@$(PY) scripts/check.py test

check: set-up ## what CI runs: tests, ruff, mypy and the import contracts
	@$(PY) scripts/check.py test lint

translations: set-up ## bring the catalogues of sentences to what the pages and texts say
	@$(PY) scripts/translations.py update

format: set-up ## put the code in its usual form
	@$(PY) -m ruff check --fix . && $(PY) -m ruff format .

chaos: set-up ## break everything while 5,000 are texted, then check (SEED=7 CHAOS="--database sqlite")
	@$(PY) -m tests.chaos $(CHAOS)

bench-matching: set-up ## measure matching beside the plain way
	@$(PY) benchmarks/matching.py

bench-scrape: set-up ## measure /metrics and the operations page on a long ledger
	@$(PY) benchmarks/scrape.py

bench-messages: set-up ## measure how fast texts leave, beside the bare client and a job for each
	@$(PY) benchmarks/messages.py

bench-pages: set-up ## measure every page at county scale, in every role
	@$(PY) benchmarks/pages.py

bench-rota: set-up ## measure a year of a library's rota beside the plain way
	@$(PY) benchmarks/rota.py

bench-suggestions: set-up ## measure how good a suggested rota is, beside plain filling
	@$(PY) benchmarks/suggestions.py

bench-waves: set-up ## texts per filled place: the waves beside plain ways of asking
	@$(PY) benchmarks/waves.py

bench-replies: set-up ## measure what comes in: the webhook, replies at once, answers in time
	@$(PY) benchmarks/replies.py

screens: set-up ## take a picture of every main page, in each role, into docs/screens
	@$(PY) -m tests.browser.screens

requirements: set-up ## pin requirements.txt and requirements-dev.txt anew
	@$(PY) scripts/pin_requirements.py

clean: ## remove what was built; the data in instance/ stays
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		app/static node_modules test-results
	find app tests scripts migrations benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
