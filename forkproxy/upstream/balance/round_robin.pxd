from forkproxy.upstream.balance.policy cimport Policy


cdef class RoundRobin(Policy):
    """Each peer in turn, by weight."""
