"""try_files: the first of several files that is there, else another URI, location or status."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Location, Step
from forkproxy.features.open_files cimport FOLDER, MISSING
from forkproxy.features.static cimport Root


cdef class TryFiles(Step):
    """One try_files directive."""

    cdef tuple files                # (Expression, whether it asks for a folder)
    cdef Expression fallback        # None: `status`
    cdef int status

    cdef bint harmless(self) noexcept:
        return True

    cdef Response run(self, Exchange exchange):
        cdef Root root = <Root> (<Location> exchange.location).root
        cdef bytes folder = root.folder.evaluate(exchange)
        cdef bytes below, uri
        cdef bytes aliased = None           # the beginning of URIs that an alias stands for
        cdef int failed, kind
        if root.alias and root.location.pattern is None:
            aliased = root.location.path
        for expression, directory in self.files:
            uri = below = (<Expression> expression).evaluate(exchange)
            if directory:
                below = below[:-1]  # a folder's own slash only asks for one
            if aliased is not None:
                # As nginx: a name without variables is below the alias, whatever it begins with.
                if not (<Expression> expression).constant and below.startswith(aliased):
                    below = below[len(aliased):]
                uri = aliased + below
            kind = root.kind(exchange, folder + below, &failed)
            if kind == MISSING or (kind == FOLDER) != bool(directory):
                continue
            if aliased is None:
                uri = below
                if directory and root.alias:
                    return None     # the whole path is the alias's: the URI stays
                if root.below is not None:
                    root.below.keep(exchange, uri)
            exchange.uri = uri
            exchange.as_sent = False
            return None
        return self._last_resort(exchange)

    cdef Response _last_resort(self, Exchange exchange):
        cdef bytes where, path, mark, args
        if self.fallback is None:
            if self.status in (301, 302, 303, 307, 308) or self.status < 300:
                return Response(self.status)
            return fault(exchange, self.status)
        where = self.fallback.evaluate(exchange)
        if where.startswith(b"@"):
            return exchange.redirect_to_named(where)
        path, mark, args = where.partition(b"?")
        return exchange.redirect(path, args if mark else None)


def install(scope, Location location not None, making):
    """Hang the try_files of a scope itself on a location."""
    cdef TryFiles made
    own = scope.own("try_files")
    if not own:
        return
    settings = own[-1].value
    made = TryFiles.__new__(TryFiles)
    made.files = tuple(
        (making.expression(file), folder) for file, folder in zip(settings.files, settings.folders)
    )
    made.fallback = making.expression(settings.fallback) if settings.fallback else None
    made.status = settings.status
    location.precontent = location.precontent + (made,)
