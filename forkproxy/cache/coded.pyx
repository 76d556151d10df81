"""Stored content in a coding: compressed once, in a thread, and sent as it is afterwards.

It lies beside its entry, under the entry's key, two NULs and the coding, so whatever deletes the
entry or puts another in its place takes it along. It has no head: that is the entry's own, which a
304 may have freshened. It says which entry it was made of, and is void beside another one.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memset

import os

from forkproxy.cache.entry cimport SPLIT, Entry, EntryBody, Mark, pack
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.job cimport Job
from forkproxy.cache.zone cimport Zone
from forkproxy.clock cimport wall
from forkproxy.core.bodies cimport FileBody
from forkproxy.core.exchange cimport Body, Response
from forkproxy.shared.memory cimport number_of

from forkproxy.cache.scribe import scribe
from forkproxy.net import tasks
from forkproxy.shared.errorlog import log

DEF LONGEST = 4194304       # octets of content that are coded: they lie in memory meanwhile
DEF AT_ONCE = 2             # contents that are being coded
DEF MOST_ASKED = 4096       # that were asked for once, and are remembered

# What was asked for in a coding it is not in yet, and what is being coded.
cdef set asked = set()
cdef set under_way = set()


cdef bytes coded_key(Visit visit, bytes coding):
    return visit.place + b"\0\0" + coding


cdef Entry find_coded(Visit visit, bytes coding):
    cdef bytes key
    cdef Entry found
    if visit.identity == 0:
        return None
    key = coded_key(visit, coding)
    found = visit.zone.find(key, number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))
    if found is not None and found.mark.modified != <long long> visit.identity:
        found.drop()
        return None
    return found


cdef int keep_coded(Visit visit, bytes coding, Response response, object encode) except -1:
    cdef bytes key
    cdef Body body = response.body
    if visit.identity == 0 or not 0 < body.length <= LONGEST or len(under_way) >= AT_ONCE:
        return 0
    key = coded_key(visit, coding)
    if key in under_way:
        return 0
    if key not in asked:
        if len(asked) >= MOST_ASKED:
            asked.clear()
        asked.add(key)
        return 0
    source = _source(body)
    if source is not None:
        asked.discard(key)
        under_way.add(key)
        tasks.spawn("coding", _code, visit.zone, visit.place, key, visit.identity, source, encode)
    return 0


cdef object _source(Body body):
    """What gives all octets of a stored answer, in a thread: its descriptor, or the octets."""
    cdef const char* octets = NULL
    cdef Py_ssize_t count
    if isinstance(body, FileBody):
        return os.dup((<FileBody> body).fd)
    if not isinstance(body, EntryBody):
        return None
    count = body.at_hand(&octets)
    return PyBytes_FromStringAndSize(octets, count) if count == body.length else None


def _code(Zone zone, bytes place, bytes key, unsigned long long identity, object source, encode):
    """Code it, and hand it to the scribe. Waits."""
    try:
        coded = tasks.in_thread(_coded, source, encode)
    except OSError as error:
        log.error(f"the cache {zone.name}: {error.strerror}, not compressed")
        coded = None
    if coded is None:
        under_way.discard(key)
        return
    octets = _packed(zone, identity, coded)

    def work(shelf):
        return shelf.put_beside(place, key, octets, identity)

    def done(_outcome):
        under_way.discard(key)

    if not scribe.submit(Job(zone, len(octets), work, done)):
        under_way.discard(key)


def _coded(source, encode):
    if isinstance(source, bytes):
        return encode(source)
    with open(source, "rb") as file:
        return encode(os.pread(file.fileno(), LONGEST, 0))


cdef bytes _packed(Zone zone, unsigned long long identity, bytes coded):
    cdef Mark mark
    memset(&mark, 0, sizeof(Mark))
    mark.flags = SPLIT          # no answer by itself
    mark.identity = zone.next_identity()
    mark.modified = <long long> identity
    mark.length = PyBytes_GET_SIZE(coded)
    mark.stored_at = wall()
    return pack(&mark, None, b"", b"", b"", b"", b"") + coded
