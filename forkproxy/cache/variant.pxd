from forkproxy.wire.fields cimport Fields

# Under which key the answer for these request fields lies, where those under `key` vary by `spec`
# (names joined by ","). `normalise`: also by what the fields mean, not by white space alone.
cdef bytes variant_key(bytes key, bytes spec, Fields asked, bint normalise)
# The key for what is asked for: long ones become shorter. b"": there is none.
cdef bytes store_key(bytes text)
