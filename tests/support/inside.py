"""A configuration served by the test's own process: no fork, no start-up, a few milliseconds.

    with Inside("location / { return 200 here; }") as server:
        assert get(server.address).body == b"here"

What is no `server` block is put in one that listens. In the text %PORT% is the address,
%PREFIX% the folder, and every other %WORD% is given as an argument.
"""

import contextlib
import re
import shutil
import socket
import tempfile
from pathlib import Path

from forkproxy.build import build
from forkproxy.config.load import load_text
from forkproxy.downstream.acceptor import Acceptor
from forkproxy.net.poller import poller_object
from forkproxy.shared.logfile import files
from tests.support.eventually import eventually
from tests.support.hub import REPORTED, in_hub, keep_report
from tests.support.origin import Origin

WORD = re.compile(r"%([A-Z][A-Z0-9_]*)%")
WHOLE = """\
error_log logs/error.log info;
{main}
events {{ {events} }}
http {{
    access_log off;
    {http}
    {servers}
}}
"""


class Inside:
    """A generation and its acceptor, until the `with` ends.

    Attributes:
        address: of the first listener; `addresses` has all, by the word that stands for each.
        prefix: the folder that names of files are relative to.
        generation: what was built.
        acceptor: what serves it; to be used in the hub.
    """

    def __init__(
        self, *server, http="", main="", events="worker_connections 512;", cells=None, **words
    ):
        self.prefix = Path(tempfile.mkdtemp(prefix="inside-"))
        (self.prefix / "logs").mkdir()
        self._sockets = {}
        self._words = {name: str(word) for name, word in words.items()}
        self._words["PREFIX"] = str(self.prefix)
        self.cells = cells
        self._reported = len(REPORTED)
        inside = "\n".join(server)
        if "server {" not in inside:
            inside = f"server {{ listen %PORT%; {inside} }}"
        text = WHOLE.format(main=main, events=events, http=http, servers=inside)
        try:
            config = load_text(WORD.sub(self._fill, text), prefix=str(self.prefix))
            self.generation = build(config)
            if cells is not None:
                tallies = [(tally.kind, tally.name) for tally in self.generation.tallies]
                cells.directory.allot(self.generation.peers, tallies)
            listening = {text: [sock] for text, sock in self._sockets.items()}
            self.acceptor = in_hub(Acceptor, self.generation, listening, cells)
            in_hub(self.acceptor.start)
            in_hub(poller_object.report_to, keep_report)
        except BaseException:
            self._leave()
            raise

    def _fill(self, match):
        name = match[1]
        if name.startswith("PORT") and name not in self._words:
            sock = socket.create_server(("127.0.0.1", 0), backlog=128)
            sock.setblocking(False)
            self._words[name] = f"127.0.0.1:{sock.getsockname()[1]}"
            self._sockets[self._words[name]] = sock
        return self._words[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        in_hub(self._stop)
        eventually(lambda: in_hub(self.acceptor.finished), what="all connections are gone")
        in_hub(files.flush)
        self.generation.close()
        self._leave()
        assert REPORTED[self._reported :] == []

    def _stop(self):
        self.acceptor.stop_accepting()
        self.acceptor.close_all()
        for upstream in self.generation.upstreams:
            upstream.close()

    def _leave(self):
        for sock in self._sockets.values():
            sock.close()
        shutil.rmtree(self.prefix, ignore_errors=True)

    @property
    def address(self):
        return self._words["PORT"]

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def word(self, name):
        """Return what stands for %NAME% in the configuration."""
        return self._words[name]

    def write(self, name, content=b"", mode=0o644):
        """Write a file below the prefix; return its path."""
        path = self.prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def lines(self, count=1, name="access.log"):
        """Return the lines of a log file, once there are `count`."""
        path = self.prefix / "logs" / name
        eventually(lambda: len(_lines(path)) >= count, what=f"{count} lines in {name}")
        return _lines(path)

    def errors(self):
        """Return the error log."""
        return (self.prefix / "logs" / "error.log").read_text("latin-1")

    def connections(self):
        """Return how many connections of clients are open."""
        return in_hub(self.acceptor.connections)

    def peers(self):
        """Return the peers of all upstreams, in the order of the configuration."""
        return [peer for upstream in self.generation.upstreams for peer in upstream.peers]


@contextlib.contextmanager
def proxying(script, *server, **given):
    """Serve, with an origin that runs `script` at %ORIGIN%; it is the server's `origin`."""
    with Origin(script) as origin, Inside(*server, ORIGIN=origin.address, **given) as inside:
        inside.origin = origin
        yield inside
        assert origin.faults == []


def _lines(path):
    return path.read_bytes().splitlines() if path.exists() else []
