"""The house stands: imports only go down, each source has its test, each power has one place."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "forkproxy"

# From the ground up; a folder or file may import from its own and from what is left of it.
FLOORS = [
    "errors units clock",
    "wire",
    "config",
    "net shared",
    "core",
    "upstream cache acme",
    "features",
    "assembly",
    "build",
    "explain",
    "downstream",
    "child",
    "worker keeper",
    "master",
    "cli",
]
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names.split()}

PYTHON = sorted(PACKAGE.rglob("*.py"))
CYTHON = sorted([*PACKAGE.rglob("*.pyx"), *PACKAGE.rglob("*.pxd")])
SOURCES = [*PYTHON, *CYTHON]

IMPORT = re.compile(
    r"^[ \t]*(?:from|c?import)[ \t]+(forkproxy[\w.]*)(?:[ \t]+c?import[ \t]+\(?\s*(\w+))?",
    re.MULTILINE,
)

# A source without a test of its own, and what tests it instead.
TESTED_ELSEWHERE = {
    "errors": "names; whoever raises them tests them",
    "__main__": "tests/cli/test_main.py starts it",
    "child.contract": "types alone; mypy holds them",
    "net.buffer": "C alone; tests/net/test_stream.py and test_relay.py go through it",
    "master.holdings": "names alone; whoever is given them tests them",
    "master.events": "words alone; tests/master/decisions/ speaks them",
}


def relative(path):
    return str(path.relative_to(ROOT))


def each(sources):
    return pytest.mark.parametrize("source", sources, ids=relative)


def module(source):
    """Return the name below forkproxy: "wire.head"; "" for the package itself."""
    parts = source.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@functools.cache
def imported(source):
    """Return every name that a source imports, as "forkproxy.wire.head"."""
    return tuple(_imported(source))


def _imported(source):
    text = source.read_text()
    if source.suffix != ".py":
        for package, name in IMPORT.findall(text):
            yield f"{package}.{name}"
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floors(source):
    """Yield the folder or file of ours that each import of a source leads to."""
    for name in imported(source):
        if name.startswith("forkproxy."):
            yield name.split(".")[1]


def code(source):
    """Return a source without its comments."""
    return re.sub(r"(?m)#.*$", "", source.read_text())


@each([source for source in SOURCES if module(source)])
def test_a_source_imports_only_from_its_own_floor_or_below(source):
    home = module(source).split(".")[0]
    if home == "__main__":
        home = "cli"
    for name in floors(source):
        if name in LEVEL:
            assert name == home or LEVEL[name] < LEVEL[home], f"{home} may not import {name}"
        else:
            # `from forkproxy import __version__`: the package itself stands on the ground.
            assert name == "__version__"


def test_every_folder_has_a_floor():
    folders = {path.parent.relative_to(PACKAGE).parts[0] for path in PACKAGE.glob("*/*.py*")}
    assert folders - {"__pycache__"} <= LEVEL.keys()


def home_of_test(name):
    """Return where the test of a module is: wire.head is tested in tests/wire/test_head.py."""
    *folders, last = name.split(".")
    return ROOT.joinpath("tests", *folders, f"test_{last}.py")


MODULES = sorted(
    {module(path) for path in [*PYTHON, *PACKAGE.rglob("*.pyx")] if path.stem != "__init__"}
)


@pytest.mark.parametrize("name", MODULES)
def test_each_source_has_its_test(name):
    assert home_of_test(name).exists() != (name in TESTED_ELSEWHERE)


@each(SOURCES)
def test_only_net_knows_gevent(source):
    if module(source).split(".")[0] != "net":
        assert not [name for name in imported(source) if name.split(".")[0] == "gevent"]
        assert not re.search(r"^[ \t]*(?:c?import|from)[ \t]+gevent\b", code(source), re.MULTILINE)


@each(SOURCES)
def test_only_the_clock_knows_the_time(source):
    # Writing a given instant as text is everybody's: time.gmtime(at), time.strftime(form, at).
    asks = r"(?:time|monotonic|perf_counter|process_time|sleep)(?:_ns)?"
    found = rf"\btime\.{asks}\b|from time import .*\b{asks}\b|\b(?:clock_gettime|gettimeofday)\b"
    if module(source) != "clock":
        assert not re.search(found, code(source))


@each(SOURCES)
def test_only_the_master_forks(source):
    if module(source) != "master.forks":
        assert not re.search(r"\bos\.(?:fork|forkpty)\b|^from os import .*\bfork", code(source))


@each(PYTHON)
def test_only_the_command_line_prints(source):
    if module(source).split(".")[0] != "cli":
        calls = (
            node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call)
        )
        assert not [call for call in calls if getattr(call.func, "id", "") == "print"]


@each(SOURCES)
def test_only_what_finds_its_calls_imports_lmdb(source):
    if module(source) != "shared.lmdb_calls":
        assert not [name for name in imported(source) if name.split(".")[0] == "lmdb"]


@each(sorted(PACKAGE.rglob("*.pyx")))
def test_a_compiled_module_that_python_imports_has_a_stub(source):
    name = f"forkproxy.{module(source)}"
    importers = [path for path in PYTHON if any(found.startswith(name) for found in imported(path))]
    assert not importers or source.with_suffix(".pyi").exists()
