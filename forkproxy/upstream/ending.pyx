"""Ending what a peer still has in hand, when an administrator has waited long enough."""

import gc

from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.upstream cimport Upstream


def end_connections(Upstream upstream not None, str key not None):
    """Close the connections to a peer that are in use, tunnels too; return how many there were.

    Nobody keeps a list of them: it would cost every request, for what is hardly ever asked.
    """
    cdef Connection connection
    cdef int count = 0
    for found in gc.get_objects():
        if type(found) is not Connection:
            continue
        connection = <Connection> found
        if (connection.idle or connection.pool is not upstream.pool
                or connection.peer.member.key != key or connection.stream.broken):
            continue
        connection.stream.close()
        count += 1
    return count
