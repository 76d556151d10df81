"""Upstreams: their members, which may come and go while we run, and the choice between them."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.dial cimport Address
from forkproxy.net.poller cimport poller
from forkproxy.upstream.balance.policy cimport Policy
from forkproxy.upstream.balance.round_robin cimport RoundRobin
from forkproxy.upstream.balance.sticky cimport Sticky
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.pool cimport Pool
from forkproxy.upstream.queue cimport Queue
from forkproxy.upstream.standing cimport judge

from forkproxy.net.dial import address_of, resolve
from forkproxy.upstream.member import cells_name

LOOKUP_PAUSE = 5.0          # seconds between two look-ups of names that had no address


cdef class Upstream:

    def __init__(self, str name not None, members=(), Policy policy=None, Pool pool=None,
                 Sticky sticky=None, Queue queue=None):
        self.name = name
        self.policy = RoundRobin() if policy is None else policy
        self.pool = Pool() if pool is None else pool
        self.sticky = sticky
        self.queue = queue
        self.main = Group()
        self.backups = Group()
        self.members = {}
        self.by_id = {}
        self.unresolved = []
        self.checks = []
        self.fill(members)

    def fill(self, members):
        """Put many members at once."""
        for member in members:
            self._put(member, -1)
        self._regroup()

    def put(self, member not None, int first=-1):
        """Let a member be as this says: a new one, or one that is there by its id.

        `first` is its first column on the scoreboard, where the directory of this process does not
        know it: what came after the fork.
        """
        self._put(member, first)
        self._regroup()

    def _put(self, member, int first):
        cdef Peer peer = self.by_id.get(member.id)
        self.members[member.id] = member
        if member.is_name:
            return
        if not member.key:
            member = self.members[member.id] = member.told_apart(self.members.values())
        if peer is not None and peer.member.address != member.address:
            self._drop(peer)
            peer = None
        if peer is not None:
            peer.configure(member)
            return
        peer = self.by_id[member.id] = Peer(address_of(member.address), member)
        peer.waiting = self.queue
        if self.cells is not None:
            if first >= 0:
                self.cells.directory.learn(cells_name(self.name, member), first)
            peer.attach(self.cells, self.cells.peer(cells_name(self.name, member)))

    def drop(self, int id):
        """Let a member go: what it has in hand ends by itself."""
        cdef Peer peer = self.by_id.pop(id, None)
        self.members.pop(id, None)
        if peer is not None:
            self._drop(peer)
            self._regroup()

    cdef int _drop(self, Peer peer) except -1:
        peer.dropped = True
        self.pool.drop(peer)
        return 0

    cdef int _regroup(self) except -1:
        """Make the groups of the peers that are there, in the order of their ids."""
        cdef list main = [], backups = []
        cdef Peer peer
        for id in sorted(self.by_id):
            peer = <Peer> self.by_id[id]
            (backups if peer.member.backup else main).append(peer)
        for peer in main + backups:
            peer.standing.lone = len(main) + len(backups) == 1
            peer.standing.mandatory = any(check.settings.mandatory for check in self.checks)
            judge(&peer.standing)
        self.main.regroup(tuple(main))
        self.backups.regroup(tuple(backups))
        self.policy.regroup(self.main)
        return 0

    def check_by(self, check not None):
        """Let the keeper make this check (check.Check) of every peer."""
        self.checks.append(check)
        self._regroup()

    def attach(self, cells):
        """Share orders and counts with the other processes (shared.cells.Cells)."""
        cdef Peer peer
        self.cells = cells
        for peer in self.by_id.values():
            peer.attach(cells, cells.peer(cells_name(self.name, peer.member)))
        self.main.attach(cells)
        self._regroup()

    @property
    def peers(self):
        """All peers, backups last."""
        return self.main.peers + self.backups.peers

    cdef Peer pick(self, Exchange exchange, list tried):
        """Choose an available peer that is not in `tried`, or None."""
        cdef Peer found
        if self.main.stale():
            self._regroup()
        found = self._from(self.main, exchange, tried)
        if found is None and self.backups.count:
            found = self._from(self.backups, exchange, tried)
        return found

    cdef Peer _from(self, Group group, Exchange exchange, list tried):
        cdef Peer bound
        if self.sticky is not None:
            bound = self.sticky.bound(exchange, group)
            if (bound is not None and bound.available(poller.now, True)
                    and not was_tried(tried, bound)):
                return self.policy.prefer(group, tried, bound)
        return self.policy.choose(group, exchange, tried)

    cdef int tries(self) noexcept:
        """How many peers a request may ask: those that are not down."""
        cdef int count = 0
        for peer in self.by_id.values():
            count += not (<Peer> peer).standing.down
        return count

    cdef bint another(self, list tried, Peer peer) noexcept:
        """Whether there is an available peer besides those tried and this one."""
        cdef Peer other
        for group in (self.main, self.backups):
            for other in (<Group> group).peers:
                if (other is not peer and not was_tried(tried, other)
                        and other.available(poller.now)):
                    return True
        return False

    def choose(self, Exchange exchange=None, list tried=None):
        """Pick as a request would; for callers that are not compiled."""
        return self.pick(exchange, tried)

    def resolve_again(self):
        """Look up the names that had no address; at most once in a while. Waits."""
        if poller.now - self.resolved_at < LOOKUP_PAUSE:
            return
        self.resolved_at = poller.now
        found = []
        for member in list(self.unresolved):
            try:
                addresses = resolve(member.server.address.host, member.server.address.port)
            except OSError:
                continue
            self.unresolved.remove(member)
            for address in addresses:
                number = 1 + max([*self.members, *(one.id for one in found)], default=-1)
                found.append(member.at(number, (<Address> address).text.decode()))
        cells, self.cells = self.cells, None     # peers that the master does not know
        self.fill(found)
        self.cells = cells

    def close(self):
        """Close what is idle; connections in use are closed when they come back."""
        self.pool.close()

    def __repr__(self):
        return f"<Upstream {self.name}>"
