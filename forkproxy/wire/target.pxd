# Percent-decode and normalise a request path as nginx does for $uri: "." and ".." resolved, "//"
# merged where merge_slashes, %XX decoded. Returns the very object given when nothing changes.
# Raises ProtocolError (400): %00, a broken %XX, ".." above the root, a control octet.
cpdef bytes normalise_path(bytes path, bint merge_slashes)
# The name of a Host value or authority, lower-case and without port and trailing dot: $host.
# Raises ProtocolError (400) for what is no host (RFC 3986 §3.2.2): nothing, userinfo, "/", ...
cpdef bytes host_name(bytes authority)
# Percent-encode what a path may not hold in a request line: nginx's NGX_ESCAPE_URI.
cpdef bytes escape_path(bytes path)
cpdef bytes escape_args(bytes args)       # nginx's NGX_ESCAPE_ARGS
