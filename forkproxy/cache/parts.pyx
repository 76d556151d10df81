"""Entries that have only parts of their content, and how parts are joined (RFC 9111 §3.4).

They are where both have the same strong validator, and the same total.
"""

from forkproxy.cache.entry cimport (
    ALONE, ETAG_PART, HEAD_ONLY, IN_FILE, KEY, PARTS, SPLIT, TAGS, VARY, Entry, Mark, pack_by,
)
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport CONTENT_ENCODING, DATE, ETAG, LAST_MODIFIED
from forkproxy.wire.writer cimport Writer

from forkproxy.cache import extents
from forkproxy.errors import ForkproxyError
from forkproxy.wire.dates import parse_http_date

# RFC 9110 §8.8.2.2: a date is strong where it is well before the answer's own. A second could be
# two clocks' difference; RFC 7232 had this minute.
DEF WELL_BEFORE = 60


class TooManyPartsError(ForkproxyError):
    """An entry has as many parts as it may."""


cdef bytes strong_validator(Fields fields):
    cdef bytes tag = fields.known_value(ETAG)
    cdef bytes modified, date
    cdef long long changed
    if tag is not None:
        return tag if len(tag) > 1 and tag.startswith(b'"') and tag.endswith(b'"') else None
    modified = fields.known_value(LAST_MODIFIED)
    date = fields.known_value(DATE)
    if modified is None or date is None:
        return None
    changed = parse_http_date(modified)
    return modified if 0 <= changed <= parse_http_date(date) - WELL_BEFORE else None


cdef Fields merged(Fields stored, Fields news, frozenset without):
    cdef set names = {name.lower() for name, _ in news.items()} - without
    for name in names:
        stored.remove(name)
    for name, value in news.items():
        if name.lower() in names:
            stored.add(name, value)
    return stored


cdef bint same_content(Entry there, Entry come) except *:
    if (there.mark.flags | come.mark.flags) & (ALONE | SPLIT | HEAD_ONLY):
        return False
    if there.mark.length != come.mark.length:
        return False
    if there.mark.flags & PARTS:
        if there.mark.boot != come.mark.boot:
            return False
    elif there.mark.status != 200:
        return False            # of a key that says which part, or an error
    return same_representation(there.fields(), come.fields())


cdef bint same_representation(Fields old, Fields new) except *:
    cdef bytes validator = strong_validator(new)
    return (validator is not None and strong_validator(old) == validator
            and old.known_value(CONTENT_ENCODING) == new.known_value(CONTENT_ENCODING))


def fits(Entry there, Entry come not None):
    """Tell whether a part that has come can be joined with what is there, perhaps nothing."""
    return there is not None and same_content(there, come)


def extents_of(Entry entry not None):
    """Return which octets of its content an entry has."""
    if entry.mark.flags & PARTS:
        return extents.unpack(entry.content())
    return ((0, entry.mark.length),) if entry.mark.length else ()


def joined(Entry there not None, Entry come not None):
    """Return the octets of the entry that both are together, with the file of the first.

    The whole is an ordinary answer. Raises TooManyPartsError. Not of the hub: any thread may.
    """
    cdef Mark mark = come.mark
    cdef Fields fields = merged(there.fields(), come.fields(), frozenset())
    cdef bytes content
    spans = extents.joined(extents_of(there), extents_of(come))
    mark.identity = there.mark.identity
    if spans == ((0, mark.length),):
        content = make_whole(&mark)
        if not there.mark.flags & IN_FILE:
            mark.flags &= ~IN_FILE
            content = there.content()
    elif len(spans) > extents.MOST:
        raise TooManyPartsError(f"{len(spans)} parts")
    else:
        mark.parts = <int> len(spans)
        content = extents.pack(spans)
    return pack_by(Writer(), Writer(), &mark, fields, come.part(KEY),
                   come.part(TAGS) or there.part(TAGS), b"", come.part(VARY),
                   come.part(ETAG_PART)) + content


cdef bytes make_whole(Mark* mark):
    mark.flags &= ~PARTS
    mark.status = 200
    mark.parts = 0
    return b""
