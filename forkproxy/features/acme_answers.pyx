"""What an authority asks by HTTP (RFC 8555 §8.3), answered by every server before anything else."""

from forkproxy.core.bodies cimport OctetsBody
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Step

from forkproxy.acme.folder import http_answer

cdef bytes PREFIX = b"/.well-known/acme-challenge/"


cdef class Answers(Step):
    """A token that lies in one of the folders is answered; any other is none of ours."""

    cdef tuple folders

    cdef Response run(self, Exchange exchange):
        cdef Response response
        cdef bytes text
        if not exchange.uri.startswith(PREFIX) or exchange.method not in (b"GET", b"HEAD"):
            return None
        text = http_answer(self.folders, exchange.uri[len(PREFIX):].decode("latin-1"))
        if text is None:
            return None
        response = Response(200, None, OctetsBody(text))
        response.fields.add(b"Content-Type", b"application/octet-stream")
        response.text_given = True
        return response

    cdef bint harmless(self) noexcept:
        return True


def answers(tuple folders not None):
    """Return the step that answers with what lies in these folders."""
    cdef Answers made = Answers.__new__(Answers)
    made.folders = folders
    return made
