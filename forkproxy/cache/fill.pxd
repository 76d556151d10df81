from libc.stdint cimport uint64_t

from forkproxy.cache.decide cimport Lifetime
from forkproxy.cache.entry cimport Entry, Mark
from forkproxy.cache.growing cimport Growing
from forkproxy.cache.showing cimport Showing
from forkproxy.cache.zone cimport Zone
from forkproxy.core.exchange cimport Body, Response
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task
from forkproxy.wire.content_range cimport Span
from forkproxy.wire.fields cimport Fields

cdef enum Stage:
    ASKED               # nobody knows the answer's head yet
    COMES               # the head is known, the content on its way
    WHOLE               # stored, or on its way to the store
    FAILED              # not all of it came
    UNSTORED            # it was not to be stored: whoever waits asks for himself


cdef class Fill(Task):
    """One answer on its way from its origin into a zone, and to all who follow it meanwhile."""

    cdef Zone zone
    cdef bytes key
    cdef bytes place                # the key that it is stored under: the variant's, or `key`
    cdef bytes spec                 # by which fields the answer varies; b"": by none
    cdef bytes note                 # octets of the note under `key`, where it does
    cdef uint64_t number            # of the claim
    cdef bint claimed
    cdef bint known                 # others in this process may find it
    cdef Stage stage
    cdef int reason                 # a Refusal: why it is not stored after all
    cdef int cause                  # a zone.Status: what the cache said to who asked first
    cdef Mark mark
    cdef bytes rest                 # of the packed head, behind the mark
    cdef bytes whole                # the entry's octets, once they are complete
    cdef Body source
    cdef long long declared         # octets of the content, as the head says; -1: it does not
    cdef bint partial               # it is a part of the content
    cdef Span part                  # then: which one
    cdef bint head_omitted          # likewise: its fields may not be all
    cdef bint framed                # its end can be told from a connection that broke
    cdef Growing content            # what has come
    cdef Showing showing            # to other processes; None: not to be
    cdef object failure
    cdef double moved_at            # monotonic: it was begun, or something of it came
    cdef uint64_t purges            # of the zone, when the origin was asked
    cdef list gates                 # of who waits for the next thing to happen
    cdef list followers             # FillBodies that are open
    cdef Gate room                  # what we wait at, where nothing can be written for slow readers

    cdef Response begin(self, Response response, Fields fields, Lifetime lifetime, bytes tags)
    cdef Entry head(self)
    cdef Body follow(self)
    cdef int _judge_part(self) except -1
    cdef bint _stands_alone(self) except *
    cdef int give_up(self, int reason) except -1    # the answer is not stored: free who waits
    cdef bint wait(self, double seconds) except -1  # until something happens. Waits.
    cdef int _at_once(self) except -1
    cdef int _keep(self, const char* octets, Py_ssize_t count) except -1
    cdef int _hold_back(self) except -1
    cdef int _complete(self) except -1
    cdef int _failed(self, object error) except -1
    cdef int _tell(self) except -1
    cdef int _release(self) except -1
    cdef void _show_no_more(self, bint whole) noexcept


cdef class FillBody(Body):
    """The content of a fill, for one of those who follow it, from its front."""

    cdef Fill fill
    cdef long long at
