"""The variables every request has: nginx's names, each computed when it is asked for.

They are told apart by subject: the request, its connection, the answer, the upstream, the moment.
What `set`, `map` and named captures define is not here: that is made when a configuration is built.
"""

from forkproxy.core.known cimport builtin

from forkproxy.core import (  # noqa: F401 (each fills the table)
    known,
    variables_answer,  # no-cython-lint
    variables_connection,  # no-cython-lint
    variables_moment,  # no-cython-lint
    variables_proxy_line,  # no-cython-lint
    variables_request,  # no-cython-lint
    variables_upstream,  # no-cython-lint
)


def names():
    """Return the names of all variables here that are no families."""
    return known.names()


def prefixes():
    """Return the prefixes of the families."""
    return known.prefixes()


def find(str name not None):
    """Return the variable of that name which every request has, or None."""
    return builtin(name)
