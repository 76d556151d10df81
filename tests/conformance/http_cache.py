"""The public HTTP cache tests against conf/examples/rfc-cache.conf, as it ships.

    python -m tests.conformance.http_cache
    python -m tests.conformance.http_cache --only partial-store-complete-reuse

They are the npm package http-cache-tests, run by node: an origin and a client of theirs, with
forkproxy in between. What is required, what is optimal and what is merely told apart ("check") is
theirs to say, and so is which test makes no sense once another has failed.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
from typing import NamedTuple

from tests.support.eventually import eventually
from tests.support.proxy import ROOT, Proxy
from tests.support.sockets import connect, free_port

PACKAGE = "http-cache-tests"
RELEASE = "0.4.5"
FOLDER = ROOT / "build" / PACKAGE
EXAMPLE = ROOT / "conf" / "examples" / "rfc-cache.conf"
# What each test is, as the suite's own modules say.
LIST = """
import tests from './tests/index.mjs'
import surrogate from './tests/surrogate-control.mjs'
console.log(JSON.stringify([...tests, surrogate].flatMap(suite => suite.tests)
    .filter(test => !test.browser_only)
    .map(test => [test.id, test.name, test.kind || 'required', test.depends_on || []])))
"""


class Test(NamedTuple):
    """One test, and what came of it: None where it passed, else what it said."""

    id: str
    name: str
    kind: str
    needs: list
    said: str | None


def missing():
    """Return why they cannot be run, None where they can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (suite() / "cli.mjs").exists():
        return f"the npm package {PACKAGE} is not installed in {FOLDER}"
    return None


def install():
    """Have npm put the package below build/, where it is not there yet."""
    if shutil.which("npm") is not None and not (suite() / "cli.mjs").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-save", "--prefix", FOLDER, f"{PACKAGE}@{RELEASE}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def suite():
    return FOLDER / "node_modules" / PACKAGE


def node(*words, **settings):
    """Return the command and the surroundings of one of the suite's programs."""
    given = {f"npm_config_{name}": str(value) for name, value in settings.items()}
    return {
        "args": ["node", "--no-warnings", *words],
        "cwd": suite(),
        "env": os.environ | {"npm_package_config_id": ""} | given,
    }


@contextlib.contextmanager
def origin():
    """Run the suite's own origin; yield its address."""
    port = free_port()
    started = node("server/server.mjs", protocol="http", port=port, pidfile="/dev/null")
    with subprocess.Popen(**started, stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _serves(port), within=15.0)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()


def _serves(port):
    try:
        connect(f"127.0.0.1:{port}").close()
    except OSError:
        return False
    return True


def configuration(where):
    """Return the example with the addresses and the folder of this run."""
    text = EXAMPLE.read_text()
    for old, new in (
        ("127.0.0.1:8000", where),
        ("listen 8080", "listen %PORT%"),
        ("/var/cache/forkproxy", "%PREFIX%/cache"),
    ):
        assert old in text
        text = text.replace(old, new)
    return text


def run(only=""):
    """Return the Tests, in the suite's order."""
    kinds = json.loads(_output(node("--input-type=module", "--eval", LIST)))
    with origin() as where, Proxy(configuration(where), workers=2) as proxy:
        told = _output(node("cli.mjs", base=f"http://{proxy.address}", id=only))
    if only:
        sys.stdout.write(told)
        return []
    results = json.loads(told)
    return [
        Test(name, *rest, None if results[name] is True else ": ".join(map(str, results[name])))
        for name, *rest in kinds
    ]


def _output(command):
    return subprocess.run(**command, check=True, capture_output=True, text=True).stdout


def failed(tests):
    """Return those that failed themselves, not because of one they need."""
    bad = {test.id for test in tests if test.said is not None}
    return [test for test in tests if test.said is not None and bad.isdisjoint(test.needs)]


def summary(tests):
    """Return the lines to print: what failed, and how many of each kind passed."""
    lines = [
        f"{test.kind}: {test.id}: {test.said}" for test in failed(tests) if test.kind != "check"
    ]
    for kind in ("required", "optimal"):
        of_kind = [test for test in tests if test.kind == kind]
        passed = sum(test.said is None for test in of_kind)
        lines.append(f"{passed} of {len(of_kind)} {kind} passed")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", metavar="ID", help="one test, with all it says")
    options = parser.parse_args()
    install()
    reason = missing()
    if reason is not None:
        sys.exit(reason)
    tests = run(options.only)
    if tests:
        sys.stdout.write("\n".join(summary(tests)) + "\n")


if __name__ == "__main__":
    main()
