"""A master that remembers what it is asked for, in the place of master.desk.Desk."""

from forkproxy.config.address import parse_address
from forkproxy.config.directives.upstream import UpstreamServer, UpstreamZone
from forkproxy.features.keyval import Zone
from forkproxy.master.api import routes
from forkproxy.master.api.call import Call
from forkproxy.master.api.http import payload
from forkproxy.master.commands import Level
from forkproxy.master.counted import Counted
from forkproxy.master.facts import Facts
from forkproxy.master.happenings import Happenings
from forkproxy.master.history import History
from forkproxy.master.keyvals import Keyvals
from forkproxy.master.lines.table import answer
from forkproxy.master.lines.words import Line, split
from forkproxy.master.roster import Roster
from forkproxy.master.transactions import Transactions
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Row
from forkproxy.upstream.member import Member
from forkproxy.upstream.upstream import Upstream
from tests.support.clock import StoppedClock

WORKER_ROW = int(Row.FIRST_WORKER)


class Master:
    """Has one worker, and the upstreams and zones that are given."""

    def __init__(self, tallies=(), keyvals=(), upstreams=(), zones=None):
        self.asked = []
        self.cells = cells.make(4)
        self.cells.directory.allot((), tallies)
        self.cells.board.claim(WORKER_ROW)
        self.worker = self.cells.of(WORKER_ROW)
        self.counted = Counted(self.cells)
        self.told = []
        self.kept = {}
        self.behind = []
        self.clock = StoppedClock()
        self.keyvals = Keyvals(self.told.append, self.keep, self.clock.monotonic, self.clock.wall)
        self.keyvals.adopt([Zone(settings) for settings in keyvals])
        self.roster = Roster(self.cells, self.told.append, self.keep)
        self.transactions = Transactions()
        self.history = History()
        self.happenings = Happenings()
        self.config = None
        self.lines = {}
        self.shown = []
        self.load(1, upstreams, zones)

    def certificates(self):
        return self.shown

    def configuration(self):
        return self.config

    def rollback(self, number, client):
        self.asked.append(("rollback", number, client))

    def shown_certificates(self):
        return self.shown

    def reload(self, client, reworded):
        self.asked.append(("reload", client, reworded))

    def load(self, number, upstreams, zones=None):
        """Let the roster have a generation, as a reload does."""
        tallies = [("upstream", upstream.name) for upstream in upstreams]
        self.cells.directory.allot(self.roster.names(upstreams), tallies)
        named = {upstream.name: UpstreamZone(upstream.name) for upstream in upstreams}
        self.roster.adopt(number, upstreams, named | (zones or {}))
        self.roster.commit(number)
        if number > 1:
            self.roster.retire(number - 1)

    def peers_known(self, client, reply):
        return None if self.behind else reply

    def limits(self):
        return self.lines

    def limit(self, zone, frequency, client):
        self.asked.append(("limit", zone, frequency, client))

    def sessions(self, client):
        self.asked.append(("sessions", client))

    def end_session(self, pid, number, client, otherwise):
        self.asked.append(("shutdown", pid, number, client, otherwise))
        return pid == 3

    def end_sessions(self, upstream, key, client):
        self.asked.append(("kill", upstream, key, client))

    def keep(self, put, delete):
        self.kept |= put
        for name in delete:
            self.kept.pop(name, None)

    def keyvals_known(self, client, reply):
        return None if self.behind else reply

    def facts(self):
        return Facts(
            pid=1,
            ppid=0,
            generation=2,
            respawned=0,
            began_at=1000.0,
            loaded_at=1060.5,
            now=1000.0 + 93784.25,
            listens=("127.0.0.1:80",),
            workers=((0, 3, WORKER_ROW, 2),),
            worker_connections=512,
        )

    def idle(self):
        return 97

    def status(self):
        return {"pid": 1, "totals": {"requests": 2}, "workers": [{"slot": 0, "pid": 3}]}

    def workers(self):
        return self.status()["workers"]

    def ask(self, command, client):
        self.asked.append((command, client))

    def ask_keeper(self, order, words, client):
        self.asked.append((order, list(words), client))
        return True

    def aside(self, client, make):
        return make()

    def dump(self, client):
        self.asked.append(("dump", client))


def server(address, **given):
    """Return a line of an upstream."""
    return UpstreamServer(address, parse_address(address, default_port=80), **given)


def upstream(name, *lines):
    """Return an upstream of these lines, or addresses."""
    made = [server(line) if isinstance(line, str) else line for line in lines]
    members = [Member(number, line, line.address.text) for number, line in enumerate(made)]
    return Upstream(name, members)


def tell(master, text, level=Level.ADMIN, payload=""):
    """Return what the line protocol answers to one command."""
    reply = answer(Line(master, 7, split(text)[0], payload, level))
    return None if reply is None else reply.text


def call(master, method, path, body=b"", **given):
    """Return (status, data) of one request to the API."""
    path, _, query = path.partition("?")
    reply = routes.answer(Call(master, 7, method, path, query, body, **given))
    if reply is None:
        return None
    return reply.status, None if reply.status == 204 else payload(reply)
