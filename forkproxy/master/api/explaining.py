"""GET /api/9/forkproxy/explain?url=…: what would happen to a request, in what serves now.

A child finds out: it makes the plan once more, to be looked at, and may look names up.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from forkproxy.config.load import Config
from forkproxy.errors import ConfigError, ProtocolError
from forkproxy.explain import Question
from forkproxy.explain import explain as explained
from forkproxy.master.api.call import Call
from forkproxy.master.reply import Refused, Reply


def explain(call: Call) -> Reply | None:
    """Explain what `url`, `method`, `header` (of which there may be many), `from` and `listen` say.

    Raises Refused.
    """
    config = call.master.configuration()
    if config is None:
        raise Refused("there is no configuration", "PathNotFound", 404)
    question = _question(call)
    return call.master.aside(call.client, lambda: _answer(config, question))


def _question(call: Call) -> Question:
    given = parse_qsl(call.query, keep_blank_values=True)
    known = {"method": "GET", "url": "", "from": "127.0.0.1", "listen": ""}
    fields = []
    for name, value in given:
        if name == "header":
            field, colon, content = value.partition(":")
            if not colon or not field.strip():
                raise Refused("write header=Name:value", "BadArguments")
            fields.append((field.strip(), content.strip()))
        elif name in known:
            known[name] = value
        else:
            raise Refused(f'unknown argument "{name}"', "BadArguments")
    if not known["url"]:
        raise Refused("which url?", "BadArguments")
    return Question(known["method"], known["url"], tuple(fields), known["from"], known["listen"])


def _answer(config: Config, question: Question) -> Reply:
    try:
        return Reply(data=explained(config, question))
    except (ConfigError, ProtocolError) as error:
        return Reply(error.reason, status=400, code="BadArguments")
