# GNU make 3.81 or newer; shell parts are plain POSIX sh.
#   make run PORT=9000          another port (the next free one is taken when it is busy)
#   make run PYTHON=python3.12  another Python than the first one found
#   make test ARGS=tests/domain one folder, file or -k expression
PORT = 8000
PYTHON =
ARGS =
VENV = .venv/bin/python
DEVELOPMENT = env INTAKE_MODE=development

.PHONY: help run test bench simulate

help:
	@echo "make run    start Intake with its demo clinic; Ctrl-C stops it"
	@echo "make test   run every check and test"
	@echo "make bench  measure; ARGS names parts of it"
	@echo "make simulate  play a year of a clinic under three ways of booking; ARGS are options of flask simulate"

run:
	@PYTHON="$(PYTHON)" sh scripts/setup.sh run
	@$(DEVELOPMENT) $(VENV) -m flask --app wsgi db upgrade
	@$(DEVELOPMENT) $(VENV) -m flask --app wsgi demo seed
	@exec $(DEVELOPMENT) $(VENV) -m intake.launcher --port $(PORT)

test:
	@PYTHON="$(PYTHON)" sh scripts/setup.sh test
	@sh scripts/check.sh $(ARGS)

bench:
	@PYTHON="$(PYTHON)" sh scripts/setup.sh test
	@$(VENV) -m pip install --quiet --requirement tests/bench/requirements.txt
	@$(VENV) -m tests.bench $(ARGS)

simulate:
	@PYTHON="$(PYTHON)" sh scripts/setup.sh run
	@$(DEVELOPMENT) $(VENV) -m flask --app wsgi simulate --out instance/simulation $(ARGS)
