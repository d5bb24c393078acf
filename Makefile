# Los verbos del proyecto. `make` a secas los muestra.
#
#   make probar EXIGIR=todo     una prueba omitida es un fallo (así lo llama .ci/run)
#   make probar PRUEBAS=tests/esquemas COBERTURA=    solo esas, sin exigir cobertura
#   make probar PROCESOS=0      en un solo proceso, para depurar; si no, uno por núcleo
#   make servir PUERTO=8001     otro puerto
#   VERBOSE=1                   muestra lo que hace pip y cada orden

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := ayuda
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
MEDIR := .venv-medir
BIN := $(VENV)/bin
EXIGIR ?=
PUERTO ?=
PRUEBAS ?=
COBERTURA ?= --cov=esquemas
PROCESOS ?= auto
export EXIGIR

export PIP_DISABLE_PIP_VERSION_CHECK := 1
ifdef VERBOSE
CALLADO :=
else
CALLADO := -qq
.SILENT:
endif

# Solo ruedas: armar un paquete desde su fuente bajaría herramientas que el candado no fija.
PAQUETES := $(wildcard esquemas/__init__.py generador/__init__.py formularios/__init__.py)
INSTALAR = $(BIN)/python -m pip install $(CALLADO) --require-hashes --only-binary :all:
PROYECTO = $(BIN)/python -m pip install $(CALLADO) --no-deps --no-build-isolation --no-index -e .

.PHONY: ayuda preparar preparar-pruebas servir probar revisar sitio medir candado limpiar

ayuda: ## muestra esta lista
	awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

preparar: $(VENV)/.sello ## el entorno en .venv, desde el candado con huellas

servir: preparar ## el sitio y los formularios, con datos de demostración, en http://127.0.0.1:8000
	exec $(BIN)/focaliza servir --demo $(if $(PUERTO),--puerto $(PUERTO))

# Cada archivo va entero a un proceso (loadfile), que arma una vez lo que sus pruebas comparten. Si uno se cae, no se repone: la
# prueba que lo tumbó lo haría otra vez.
probar: revisar ## estilo, arquitectura y todas las pruebas
	$(BIN)/python -m pytest -n $(PROCESOS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(COBERTURA) $(PRUEBAS)

revisar: preparar-pruebas ## estilo (ruff) y arquitectura (import-linter)
	$(BIN)/ruff check --quiet .
	salida=$$($(BIN)/lint-imports $(if $(VERBOSE),--verbose) 2>&1) || { printf '%s\n' "$$salida"; exit 1; }

sitio: preparar ## construye el sitio en publicado/
	$(BIN)/focaliza construir

medir: $(MEDIR)/.sello ## mide frente a otros y escribe sitio/proyecto/medidas.md (unos quince minutos)
	$(MEDIR)/bin/python -m compileall -q esquemas formularios generador banco # como pip con los pares: en frío nadie compila
	$(MEDIR)/bin/python -m banco

candado: ## rehace requirements*.txt desde los .in (pide uv; AL_DIA=1 sube las versiones)
	command -v uv >/dev/null || { echo "Falta uv: instálelo con «pip install uv» en otro entorno." >&2; exit 1; }
	for nombre in requirements requirements-dev requirements-medir; do \
	  env -u UV_FIND_LINKS uv pip compile --quiet --no-config --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make candado' \
	    $(if $(AL_DIA),--upgrade) $$nombre.in --output-file $$nombre.txt; \
	done

limpiar: ## borra lo generado y el entorno
	rm -rf $(VENV) $(MEDIR) construccion publicado .coverage .hypothesis .import_linter_cache .pytest_cache .ruff_cache *.egg-info

preparar-pruebas: $(VENV)/.sello-pruebas

# El sello de pruebas deja también el otro: lo de desarrollo contiene lo de ejecución.
$(VENV)/.sello: requirements.txt pyproject.toml $(PAQUETES) | $(BIN)/python
	$(if $(VERBOSE),,echo "Preparando el entorno en $(VENV) (la primera vez toma un minuto)…")
	$(INSTALAR) -r requirements.txt
	$(PROYECTO)
	touch $@

$(VENV)/.sello-pruebas: requirements.txt requirements-dev.txt pyproject.toml $(PAQUETES) | $(BIN)/python
	$(if $(VERBOSE),,echo "Preparando el entorno de pruebas en $(VENV) (la primera vez toma un minuto)…")
	$(INSTALAR) -r requirements-dev.txt
	$(PROYECTO)
	touch $(VENV)/.sello $@

# Los pares con que se mide van aparte: ni las pruebas ni lo que se sirve los conocen.
$(MEDIR)/.sello: requirements-medir.txt
	$(if $(VERBOSE),,echo "Preparando el entorno de medir en $(MEDIR) (la primera vez toma un minuto)…")
	$(PYTHON) -m venv $(MEDIR)
	$(MEDIR)/bin/python -m pip install $(CALLADO) --require-hashes --only-binary :all: -r requirements-medir.txt
	touch $@

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Se necesita Python 3.11 o posterior." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No se pudo crear $(VENV). En Debian o Ubuntu: apt install python3-venv" >&2; exit 1; }
