# What the scripts share: a virtual environment in .venv with everything built.
# Sourced from the top of the checkout, by sh, under `set -eu`.

# Say one line about what is going on, on stderr.
say() {
    printf '%s\n' "== $*" >&2
}

# Say why it cannot go on, and end.
die() {
    printf '%s\n' "forkproxy: $*" >&2
    exit 1
}

may_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# Install Debian packages. Their services are not started: nothing may take port 80
# of a machine whose owner wanted to run some tests.
debian() {
    say "installing Debian packages: $*"
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        policy=
    else
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    status=0
    {
        apt-get update -q &&
            DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
    } >"${TMPDIR:-/tmp}/forkproxy-apt.log" 2>&1 || status=$?
    [ -z "$policy" ] || rm -f "$policy"
    [ "$status" = 0 ] || tail -n 5 "${TMPDIR:-/tmp}/forkproxy-apt.log" >&2
    return "$status"
}

suits() {
    command -v "$1" >/dev/null &&
        "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Print the name of a Python from 3.11 on that can make a virtual environment.
find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if suits "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    return 1
}

# Leave a compiler and a Python on this machine, or end with a line that says what is missing.
require_tools() {
    if ! command -v "${CC:-cc}" >/dev/null && ! command -v gcc >/dev/null; then
        may_install && debian gcc libc6-dev ||
            die "no C compiler: install gcc (Debian: apt install gcc libc6-dev)"
    fi
    if ! printf '#include <openssl/ssl.h>\n' | "${CC:-cc}" -E -x c - >/dev/null 2>&1; then
        may_install && debian libssl-dev ||
            die "no headers of OpenSSL 3: install them (Debian: apt install libssl-dev)"
    fi
    # Without libnghttp2 all is built but HTTP/2, so this does not end anything.
    if ! printf '#include <nghttp2/nghttp2.h>\n' | "${CC:-cc}" -E -x c - >/dev/null 2>&1; then
        may_install && debian libnghttp2-dev ||
            say "no headers of libnghttp2 (Debian: apt install libnghttp2-dev): no HTTP/2"
    fi
    find_python >/dev/null || { may_install && debian python3 python3-venv python3-dev; } ||
        die "no Python 3.11 or newer with venv (Debian: apt install python3 python3-venv python3-dev)"
    find_python >/dev/null || die "this system's Python is older than 3.11: set PYTHON to a newer one"
}

# Make .venv with forkproxy in it, editable, and the named extra's packages ("" for none);
# then compile what changed. A second run with nothing changed takes about a second.
environment() {
    python=.venv/bin/python
    PATH="$PWD/.venv/bin:$PATH" # cython-lint starts pycodestyle by its name
    export PATH
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        require_tools
        say "making .venv with $(find_python)"
        rm -rf .venv
        "$(find_python)" -m venv .venv
    fi
    # The stamp is of what decides the packages: it is made anew when one of these changes.
    stamp=$(cat setup.cfg pyproject.toml | cksum)
    if [ "$(cat ".venv/installed${1:+-$1}" 2>/dev/null)" != "$stamp" ]; then
        say "installing packages into .venv"
        "$python" -m pip install -qq --disable-pip-version-check "setuptools>=77" "cython>=3.1" "greenlet>=3.1"
        build
        "$python" -m pip install -qq --disable-pip-version-check --no-build-isolation -e ".${1:+[$1]}"
        printf '%s\n' "$stamp" >".venv/installed${1:+-$1}"
    else
        build
    fi
}

# Compile the extensions in place. The compiler's words are shown only where it fails.
build() {
    mkdir -p build
    say "compiling what changed"
    .venv/bin/python setup.py -q build_ext --inplace >build/log 2>&1 || {
        cat build/log >&2
        die "the build failed"
    }
}
