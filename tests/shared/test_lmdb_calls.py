"""LMDB's calls are those of the lmdb package, or there is an error that says what is missing."""

import subprocess
import sys

from forkproxy.shared import lmdb_calls
from tests.support.master import ROOT


def refusal(folder):
    """Return what the import says where a package of this name in `folder` comes first."""
    script = f"""
import sys
sys.path.insert(0, {str(folder)!r})
try:
    import forkproxy.shared.lmdb_calls
except ImportError as error:
    print(error)
"""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def package(folder, module):
    (folder / "lmdb").mkdir()
    (folder / "lmdb" / "__init__.py").write_text("")
    (folder / "lmdb" / "cpython.py").write_text(module)


def test_it_is_the_lmdb_that_the_package_carries():
    assert lmdb_calls.carried().startswith("LMDB 0.9.")


def test_a_package_without_a_compiled_module_is_refused(tmp_path):
    (tmp_path / "lmdb").mkdir()
    (tmp_path / "lmdb" / "__init__.py").write_text("")
    assert "needs the compiled module of the lmdb package" in refusal(tmp_path)


def test_a_module_that_is_no_library_is_refused(tmp_path):
    package(tmp_path, "")
    assert "cannot be opened" in refusal(tmp_path)


def test_a_module_that_does_not_show_the_calls_is_refused(tmp_path):
    package(tmp_path, "import _ctypes\n__file__ = _ctypes.__file__\n")
    assert "the lmdb package has no mdb_version" in refusal(tmp_path)
