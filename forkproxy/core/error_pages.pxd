from forkproxy.core.exchange cimport Exchange, Response

# Give an answer of ours, of 400 or more, a page that says what happened. `shown_for`: 494 to 497,
# what its 400 stands for; else its status.
cdef int explain_error(Exchange exchange, Response response, int shown_for) except -1
