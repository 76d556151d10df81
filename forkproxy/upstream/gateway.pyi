from forkproxy.core.expressions import Expression
from forkproxy.upstream.forward import Forward

class Gateway(Forward):
    """What fastcgi_pass, scgi_pass or uwsgi_pass says of one location."""

    params: tuple[tuple[bytes, Expression, bool], ...]
    cache_params: tuple[tuple[bytes, Expression, bool], ...]
    named: frozenset[bytes]
    cache_named: frozenset[bytes]
