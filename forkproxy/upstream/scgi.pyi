from forkproxy.upstream.gateway import Gateway

class Scgi(Gateway):
    """What scgi_pass and the scgi_* directives of one location say."""
