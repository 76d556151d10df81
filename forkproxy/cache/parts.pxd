from forkproxy.cache.entry cimport Entry, Mark
from forkproxy.wire.fields cimport Fields

# By what content of the same octets can be told (RFC 9110 §8.8.1); None: by nothing.
cdef bytes strong_validator(Fields fields)
# The stored fields, with those of a newer answer in their place (RFC 9111 §3.2, §3.4), but for some
# names.
cdef Fields merged(Fields stored, Fields news, frozenset without)
# Whether both are heads of content of the same octets.
cdef bint same_representation(Fields old, Fields new) except *
# Whether what has come is of the same content as what is there.
cdef bint same_content(Entry there, Entry come) except *
# Let the mark be that of an answer that is all there; returns what its record has as content.
cdef bytes make_whole(Mark* mark)
