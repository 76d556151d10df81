"""Several origins that say which one they are, behind one proxy in the test's own process."""

import contextlib

from tests.support.inside import Inside
from tests.support.origin import Origin, answers, response


@contextlib.contextmanager
def balancing(policy, *names, options=(), fields=(), server="", script=None, **given):
    """Serve upstream `u` of one origin for each name; what an origin answers is its name.

    `options` are further words of its line, by name; `fields` go with every answer. The origins
    are the server's `origins`, by name.
    """
    options = dict(options)
    with contextlib.ExitStack() as stack:
        origins = {
            name: stack.enter_context(
                Origin(script or answers(response(name.encode(), *fields), close=False))
            )
            for name in names
        }
        lines = "".join(
            f"server {origin.address} {options.get(name, '')};" for name, origin in origins.items()
        )
        inside = stack.enter_context(
            Inside(
                f"location / {{ proxy_pass http://u; {server} }}",
                http=f"upstream u {{ {policy} {lines} }}",
                **given,
            )
        )
        inside.origins = origins
        yield inside
