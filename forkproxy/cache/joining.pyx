"""Storing a part of an answer: joined with those of the same content that are there.

Only octets that no record names are written into the file that is there: who reads from it
meanwhile sees nothing change, and a process that dies in between leaves octets that nobody knows
of. Then the record names them. They are copied before the transaction, where that can be, so that
no other writer waits for it.
"""

import os

from forkproxy.cache.storing cimport Storing

from forkproxy.cache import entry, extents, parts
from forkproxy.cache.storing import HeadOmittedError
from forkproxy.shared.environment import FullError

DEF PIECE = 1048576             # octets that are copied at a time, where the kernel cannot do it


cdef class Joining(Storing):

    cpdef object before(self, object store):
        self.into = 0
        with store.reading() as tables:
            there = self._there(tables.entries.get(self.place))
        if there is not None:
            self._copy_into(there)

    cdef object _there(self, object octets):
        """The entry that the part can be joined with; None: there is none."""
        there = None if octets is None else entry.read(octets)
        return there if parts.fits(there, entry.read(self.entry)) else None

    def _copy_into(self, there):
        """Have what is missing in the file of an entry there."""
        new = entry.read(self.entry)
        gaps = [
            gap for one in parts.extents_of(new)
            for gap in extents.missing(parts.extents_of(there), *one)
        ]
        if gaps:
            try:
                copy(self.path, f"{self.cache.bodies}/{there.file_name}", gaps)
            except FileNotFoundError:
                return              # evicted meanwhile; or of one that is not in a file
            except OSError as error:
                raise FullError(f"a part cannot be added: {error.strerror}") from error
        self.into = there.identity

    def _make_last(self, there):
        """Have a file that had holes on the disk: it must not get them back by a crash."""
        file = os.open(f"{self.cache.bodies}/{there.file_name}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(file)
        finally:
            os.close(file)

    cpdef object work(self, object shelf):
        self.check_purges()
        there = self._there(shelf.tables.entries.get(self.place))
        if there is not None and there.identity != self.into:
            self._copy_into(there)      # it has come since, perhaps with this very transaction
        if there is not None and there.identity == self.into:
            made = parts.joined(there, entry.read(self.entry))
            if there.extents is not None and entry.read(made).extents is None:
                self._make_last(there)
            shelf.gone.append(entry.read(self.entry).file_name)
            self.put(shelf, made)
        elif self.head_omitted:
            raise HeadOmittedError("the answer to If-Range has no head of its own")
        else:
            self.put(shelf, self.entry)
        return None


def copy(source, into, gaps):
    """Copy these octets of a file into another one, at the same place. Raises OSError."""
    source = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        into = os.open(into, os.O_WRONLY | os.O_CLOEXEC)
        try:
            for start, stop in gaps:
                while start < stop:
                    start += _copy_some(source, into, start, stop - start)
        finally:
            os.close(into)
    finally:
        os.close(source)


def _copy_some(int source, int into, long long start, long long count):
    """Copy some octets at least; return how many."""
    try:
        done = os.copy_file_range(source, into, count, start, start)
    except OSError:
        # A file system, or a kernel, that does not know how.
        done = os.pwrite(into, os.pread(source, min(count, PIECE), start), start)
    if not done:
        raise OSError(0, "a file of the cache became shorter")
    return done
