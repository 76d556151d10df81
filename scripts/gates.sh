# The checks that read the source and run none of it. Sourced; adds the names of those that
# fail to $failed, so that one run shows everything there is to mend.

gate() {
    say "$*"
    # cython-lint looks for pycodestyle on the PATH.
    PATH="$PWD/.venv/bin:$PATH" "$@" || failed="$failed $1"
}

gate ruff check --quiet .
gate ruff format --check --quiet .
gate mypy --no-error-summary forkproxy
gate cython-lint --max-line-length 100 forkproxy
