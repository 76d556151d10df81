from forkproxy.upstream.gateway import Gateway

class Uwsgi(Gateway):
    """What uwsgi_pass and the uwsgi_* directives of one location say."""

    modifier1: int
    modifier2: int
