"""auth_basic: who knows a name and a password of a file comes in.

    auth_basic           "closed site";
    auth_basic_user_file conf/htpasswd;

A file is read again when it has changed. A password that was right is remembered for as long as its
line is the same, as a keyed hash, so that crypt and bcrypt are paid for once.
"""

import base64
import hashlib
import os

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport PASSED, Guard, Location

from forkproxy.config.template import constant
from forkproxy.features import passwords
from forkproxy.net import tasks

DEF REMEMBERED = 4096       # passwords
DEF FILES = 256
DEF LARGEST = 16777216      # octets of a file

cdef dict files = {}        # path to (what stat says, {name: hash})
cdef dict right = {}        # keyed hashes of what was verified; the oldest first
cdef bytes secret = os.urandom(32)


cdef class AuthBasic(Guard):

    cdef Expression realm
    cdef Expression file
    cdef bytes folder

    cdef bint harmless(self) noexcept:
        return True         # a file is read

    cdef Response judge(self, Exchange exchange):
        cdef bytes realm = self.realm.evaluate(exchange)
        cdef bytes path
        if realm == b"off":
            return None
        given = _credentials(exchange)
        if given is None:
            exchange.report("info", "no user/password was provided for basic authentication")
            return _ask(exchange, realm)
        name, password = given
        path = os.path.join(self.folder, self.file.evaluate(exchange))
        try:
            users = _users(path)
        except OSError as error:
            exchange.report("error", f"open() \"{os.fsdecode(path)}\" failed "
                                     f"({error.errno}: {error.strerror})")
            return fault(exchange, 403 if isinstance(error, FileNotFoundError) else 500)
        stored = users.get(name)
        if stored is None:
            exchange.report("error", f"user \"{name}\" was not found in \"{os.fsdecode(path)}\"")
            return _ask(exchange, realm)
        if not _verified(password, stored):
            exchange.report("error", f"user \"{name}\": password mismatch")
            return _ask(exchange, realm)
        return PASSED


cdef object _credentials(Exchange exchange):
    """The name and the password that were given; None where none were, or none we can read."""
    cdef bytes field = exchange.head.fields.get(b"authorization")
    if field is None or field[:6].lower() != b"basic ":
        return None
    try:
        name, colon, password = base64.b64decode(field[6:].strip()).partition(b":")
        return (name.decode(), password) if colon and name else None
    except ValueError:
        return None


cdef bint _verified(bytes password, str stored) except *:
    """Ask the cache, then whoever knows; what takes long in a thread. Waits."""
    cdef bytes mark
    if not passwords.slow(stored):
        return passwords.verify(password, stored)
    mark = hashlib.blake2b(stored.encode() + b"\0" + password, key=secret, digest_size=16).digest()
    if mark in right:
        return True
    if not tasks.in_thread(passwords.verify, password, stored):
        return False
    while len(right) >= REMEMBERED:
        del right[next(iter(right))]
    right[mark] = True
    return True


cdef Response _ask(Exchange exchange, bytes realm):
    quoted = realm.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    exchange.carry(b"WWW-Authenticate", [b'Basic realm="%s"' % _one_line(quoted)])
    return fault(exchange, 401)


cdef bytes _one_line(bytes text):
    return text.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ")


cdef dict _users(bytes path):
    """The names and hashes of a file, read when it has changed."""
    found = os.stat(path)
    state = (found.st_mtime_ns, found.st_size, found.st_ino)
    known = files.get(path)
    if known is not None and known[0] == state:
        return <dict> known[1]
    with open(path, "rb") as file:
        lines = file.read(LARGEST).decode(errors="replace").splitlines()
    users = {}
    for line in lines:
        name, colon, rest = line.partition(":")
        if colon and not name.startswith("#"):
            users.setdefault(name, rest.partition(":")[0].strip())
    if len(files) >= FILES:
        files.clear()
    files[path] = (state, users)
    return users


def install(scope, Location location not None, making):
    """Hang the auth_basic of a scope on a location's access phase."""
    cdef AuthBasic made
    realm, file = scope.value("auth_basic"), scope.value("auth_basic_user_file")
    if constant(realm) == "off" or file is None:
        return
    passwords.library()         # loaded before the fork: files may have changed under a worker
    made = AuthBasic.__new__(AuthBasic)
    made.realm = making.expression(realm)
    made.file = making.expression(file)
    made.folder = os.fsencode(scope.folders.conf)
    location.access = location.access + (made,)
