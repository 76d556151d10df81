"""The settings of a location: what core asks for at each request."""

from __future__ import annotations

from forkproxy import __version__
from forkproxy.assembly.outside import Outside
from forkproxy.config.scope import Scope
from forkproxy.core.plan import Settings

# Directives whose value is the setting of that name.
SAME = (
    "client_max_body_size",
    "client_body_buffer_size",
    "client_body_timeout",
    "client_body_min_rate",
    "send_timeout",
    "send_min_rate",
    "keepalive_requests",
    "keepalive_time",
    "lingering_time",
    "lingering_timeout",
    "reset_timedout_connection",
    "absolute_redirect",
    "server_name_in_redirect",
    "port_in_redirect",
    "etag",
    "log_not_found",
    "log_subrequest",
)
# All that settings() asks a scope.
ASKED = frozenset(
    (
        *SAME,
        "keepalive_timeout",
        "lingering_close",
        "client_body_temp_path",
        "client_body_in_file_only",
        "server_tokens",
        "forkproxy_error_pages",
        "chunked_transfer_encoding",
        "http2_chunk_size",
        "types",
        "default_type",
        "error_log",
    )
)


class SharedSettings:
    """The settings of one build: levels that say nothing about them have those around them.

    Ten thousand servers are then one object, and one table of media types.
    """

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._made: dict[tuple[Scope, str], Settings] = {}

    def of(self, scope: Scope) -> Settings:
        """Return the settings that hold in a scope."""
        level = scope
        while level.parent is not None and not level.owns_any(ASKED):
            level = level.parent
        # A directive may mean something else in another context, so that is a part of the key.
        found = self._made.get((level, scope.context))
        if found is None:
            found = self._made[level, scope.context] = settings(scope, self._outside)
        return found


def settings(scope: Scope, outside: Outside) -> Settings:
    """Return the settings that hold in a scope."""
    made = Settings()
    for name in SAME:
        setattr(made, name, scope.value(name))
    keepalive = scope.value("keepalive_timeout")
    made.keepalive_timeout = keepalive.timeout
    if keepalive.header is not None:
        made.keepalive_header = b"timeout=%d" % keepalive.header
    made.lingering_close = scope.value("lingering_close") != "off"
    made.client_body_temp_path = outside.temp_path(
        scope.value("client_body_temp_path"), "client_body_temp"
    )
    made.client_body_in_file = ("off", "clean", "on").index(scope.value("client_body_in_file_only"))
    made.server_tokens = scope.value("server_tokens") != "off"
    version = f"/{__version__}" if made.server_tokens else ""
    made.server_header = f"forkproxy{version}".encode()
    made.explains_errors = scope.value("forkproxy_error_pages") == "modern"
    made.chunked = scope.value("chunked_transfer_encoding")
    made.http2_chunk = scope.value("http2_chunk_size")
    made.sendfile = True
    made.types = {
        extension.encode(): media.encode() for extension, media in scope.value("types").items()
    }
    made.default_type = scope.value("default_type").encode()
    made.error_log = outside.error_log(scope)
    return made
