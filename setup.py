"""The compiled modules. Everything else about the package is in setup.cfg."""

import functools
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.dist import Distribution

ROOT = Path(__file__).parent

# Indices are checked where a file does not say otherwise; divisors and first uses are not.
DIRECTIVES = {
    "language_level": 3,
    "initializedcheck": False,
    "cdivision": True,
    "always_allow_keywords": True,
    "embedsignature": False,
}


def extensions() -> list[Extension]:
    """One extension for each .pyx file below forkproxy/ that can be built here."""
    sources = sorted((ROOT / "forkproxy").rglob("*.pyx"))
    if not has_nghttp2():
        print("forkproxy: no headers of libnghttp2 (Debian: libnghttp2-dev): built without HTTP/2")
        sources = [source for source in sources if not reaches(source, "forkproxy.wire.nghttp2")]
    paths = [source.relative_to(ROOT) for source in sources]
    return [
        Extension(
            ".".join(path.with_suffix("").parts),
            [str(path)],
            libraries=libraries(source),
            # Debug information doubles the time of a compilation and triples the wheel.
            extra_compile_args=["-O2", "-g0", "-fno-strict-aliasing", "-Wno-unused"],
        )
        for source, path in zip(sources, paths, strict=True)
    ]


@functools.cache
def reaches(source: Path, name: str) -> bool:
    """Tell whether a source cimports that module, or what cimports it."""
    own = source.with_suffix(".pxd")
    text = source.read_text() + (own.read_text() if own.exists() else "")
    for module in set(re.findall(r"^from (forkproxy[\w.]*) cimport", text, re.MULTILINE)):
        declared = ROOT.joinpath(*module.split(".")).with_suffix(".pxd")
        if module == name or (declared not in (source, own) and reaches(declared, name)):
            return True
    return False


def libraries(source: Path) -> list[str]:
    """Return the C libraries that a source needs: who uses one says so by its import."""
    text = source.read_text()
    if "net.openssl cimport" in text:
        return ["ssl", "crypto"]
    return ["nghttp2"] if "wire.nghttp2 cimport" in text else []


def jobs() -> int:
    """Return how many files are compiled at once."""
    given = os.environ.get("FORKPROXY_BUILD_JOBS", "")
    if not given:
        return os.cpu_count() or 1
    if not given.isdecimal() or given == "0":
        sys.exit(f"forkproxy: FORKPROXY_BUILD_JOBS is {given!r}: give a number from 1")
    return int(given)


def require_compiler() -> None:
    """End with one clear line where the C compiler or Python's headers are missing."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        sys.exit(f"forkproxy: no C compiler ({compiler}): install one (Debian: apt install gcc)")
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        sys.exit("forkproxy: no Python.h: install Python's headers (Debian: python3-dev)")


def require_openssl() -> None:
    """End with one clear line where OpenSSL's headers are missing or too old."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
    probe = b"#include <openssl/ssl.h>\n#if OPENSSL_VERSION_MAJOR < 3\n#error old\n#endif\n"
    found = subprocess.run(
        [*compiler, "-E", "-x", "c", "-", "-o", os.devnull], input=probe, stderr=subprocess.DEVNULL
    )
    if found.returncode:
        sys.exit("forkproxy: no headers of OpenSSL 3: install them (Debian: libssl-dev)")


@functools.cache
def has_nghttp2() -> bool:
    """Tell whether HTTP/2 can be built: libnghttp2 is there, with its headers."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
    probe = b"#include <nghttp2/nghttp2.h>\nint main(void) { return !nghttp2_version(0); }\n"
    with tempfile.TemporaryDirectory() as folder:
        found = subprocess.run(
            [*compiler, "-x", "c", "-", "-lnghttp2", "-o", f"{folder}/probe"],
            input=probe,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return found.returncode == 0


def greenlet_headers() -> str:
    """Return the folder of greenlet/greenlet.h, whose C interface the net floor uses."""
    try:
        import greenlet
    except ImportError:
        sys.exit("forkproxy: greenlet is missing: pip install greenlet, then build again")
    folder = Path(greenlet.__file__).parent
    if not (folder / "greenlet.h").exists():
        sys.exit(f"forkproxy: no greenlet.h in {folder}: pip install --force-reinstall greenlet")
    return str(folder.parent)


class Build(build_ext):
    """Compiles .pyx files through Cython, several at once."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or jobs()
        if self.editable_mode:
            # pip's folders are new each time, and all would be compiled again. Those of
            # `build_ext --inplace` have what it has made.
            usual = Distribution().get_command_obj("build")
            usual.ensure_finalized()
            self.build_lib, self.build_temp = usual.build_platlib, usual.build_temp

    def run(self) -> None:
        require_compiler()
        require_openssl()
        headers = greenlet_headers()
        translated = {extension.name: extension.sources for extension in self.translate()}
        for extension in self.extensions:
            extension.sources = translated[extension.name]
            extension.include_dirs.append(headers)
        super().run()

    def translate(self) -> list[Extension]:
        """Make C of what changed; the result has the same names, and .c files as sources."""
        try:
            from Cython.Build import cythonize
        except ImportError:
            sys.exit("forkproxy: Cython is missing: pip install cython, then build again")
        return cythonize(
            extensions(),
            nthreads=self.parallel,
            force=self.force,
            compiler_directives=DIRECTIVES,
            # Only where somebody names a folder: several work trees then share what was made.
            cache="CYTHON_CACHE_DIR" in os.environ,
        )


# Cython's processes import this file again where they are not forked.
if __name__ == "__main__":
    setup(ext_modules=extensions(), cmdclass={"build_ext": Build})
