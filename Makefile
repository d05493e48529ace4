# Everything a person needs. Only Python 3.11+ and make have to be there; `make setup` does the rest
# in .venv. The recipes are scripts, so that a path with spaces or odd characters is no matter.

.PHONY: help setup run test check bench soak

help:
	@echo "make run    set up and start the desk with demo orders; Ctrl-C stops it"
	@echo "make test   every check and test, a browser included"
	@echo "make check  the same without the browser"
	@echo "make setup  only make .venv"
	@echo "make bench  the benchmarks;  make soak  the long proofs"

setup:
	@sh scripts/setup.sh

# exec: the desk itself gets the Ctrl-C, stops in good order, and leaves no error behind.
run: setup
	@exec .venv/bin/python -m shipboard up --demo

test:
	@sh scripts/setup.sh dev
	@sh scripts/browser.sh
	@sh scripts/check.sh with-browser

check:
	@sh scripts/setup.sh dev
	@sh scripts/check.sh

bench:
	@sh scripts/setup.sh dev
	@exec .venv/bin/python -m bench $(if $(ORDERS),--orders $(ORDERS))

soak:
	@sh scripts/setup.sh dev
	@exec .venv/bin/python -m bench.soak
