#!/bin/sh
# Writes the lock files. An empty pip configuration keeps the machine's own indexes out of them.
set -eu
cd "$(dirname "$0")/.."
export PIP_CONFIG_FILE=/dev/null
unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS || true
compile() {
    .venv/bin/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
        --strip-extras --allow-unsafe "$@"
}
compile --extra oidc --extra postgresql --output-file requirements/runtime.txt pyproject.toml
compile --extra oidc --extra postgresql --extra teams --constraint requirements/runtime.txt --output-file requirements/teams.txt pyproject.toml
compile --all-extras --constraint requirements/teams.txt --output-file requirements/dev.txt pyproject.toml
compile --output-file requirements/build.txt requirements/build.in
