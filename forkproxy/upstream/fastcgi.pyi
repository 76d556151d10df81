from forkproxy.upstream.gateway import Gateway

class FastCgi(Gateway):
    """What fastcgi_pass and the fastcgi_* directives of one location say."""

    keep_conn: bool
    caught: tuple[bytes, ...] | None
