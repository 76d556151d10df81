from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Slot
from forkproxy.core.plan cimport Handler, Location, Settings
from forkproxy.features.open_files cimport Kind, OpenFile, OpenFiles


cdef class Root:
    """Where the files of a location are."""

    cdef readonly Expression folder
    cdef readonly bint alias
    cdef Location location
    cdef OpenFiles cache            # of open_file_cache; None
    cdef readonly object links      # features.disable_symlinks.Links; None: links are followed
    # Of an alias in a location of a regular expression: what try_files has found below it; None.
    cdef Slot below

    cdef bytes path_of(self, Exchange exchange)
    # As in features.open_files, by the rules of the location.
    cdef OpenFile find(self, Exchange exchange, bytes path)
    cdef Kind kind(self, Exchange exchange, bytes path, int* failed)
    cdef OpenFile _opened(self, Exchange exchange, bytes path, int flags)


cdef class Static(Handler):
    """Answer with a file; with an index file, or a redirect, where the path names a folder."""

    cdef tuple indexes              # Expressions
    cdef bint any_file              # of random_index
    cdef object listing             # features.autoindex: (exchange, folder) -> Response; None

    cdef bytes _any(self, bytes folder)
    cdef Response _index(self, Exchange exchange, Root root)


# The answer with an open file; its type is that of `path`.
cdef Response whole(Settings settings, bytes path, OpenFile file)
