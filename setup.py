"""The compiled modules. Everything else about the package is in setup.cfg."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent


def greenlet_headers() -> str:
    """Return the folder of greenlet/greenlet.h, whose C interface the net floor uses."""
    import greenlet

    return str(Path(greenlet.__file__).parent.parent)


def extensions() -> list[Extension]:
    """One extension for each .pyx file below forkproxy/."""
    found = []
    for source in sorted((ROOT / "forkproxy").rglob("*.pyx")):
        path = source.relative_to(ROOT)
        found.append(
            Extension(
                ".".join(path.with_suffix("").parts),
                [str(path)],
                include_dirs=[greenlet_headers()],
                extra_compile_args=["-O2", "-fno-strict-aliasing", "-Wno-unused-function"],
            )
        )
    return found


class Build(build_ext):
    """Ends with one clear line where a compiler or a header is missing."""

    def run(self) -> None:
        compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
        if shutil.which(compiler) is None:
            sys.exit(f"forkproxy: no C compiler ({compiler}): install one (Debian: gcc)")
        if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
            sys.exit("forkproxy: Python.h is missing: install Python's headers (Debian: python3-dev)")
        super().run()


def cythonized() -> list[Extension]:
    from Cython.Build import cythonize

    return cythonize(
        extensions(),
        nthreads=int(os.environ.get("FORKPROXY_BUILD_JOBS", "0")),
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "initializedcheck": False,
            "cdivision": True,
            "always_allow_keywords": True,
            "embedsignature": False,
        },
    )


setup(ext_modules=cythonized(), cmdclass={"build_ext": Build})
