"""open_file_cache: descriptors, sizes and dates of files are kept, and errors where one says so.

    open_file_cache max=1000 inactive=20s;
    open_file_cache_valid 30s;  open_file_cache_min_uses 2;  open_file_cache_errors on;

As nginx: what was looked at within `valid` is taken as it was; then it is looked at again, and
stays open where it is still the same file. Each worker has its own. Without the directive a file is
opened for each answer, by the same functions.
"""

from collections import OrderedDict

from cpython.bytes cimport PyBytes_AS_STRING
from libc.errno cimport errno as c_errno
from posix.fcntl cimport O_CLOEXEC, O_NONBLOCK, O_RDONLY
from posix.fcntl cimport open as c_open
from posix.stat cimport S_ISDIR, S_ISREG, fstat, stat, struct_stat
from posix.unistd cimport close

from forkproxy.clock cimport monotonic
from forkproxy.core.bodies cimport FileBody

import errno

DEF EXPIRED_AT_ONCE = 2     # of those that nobody asks for, each time another comes: as nginx


cdef class OpenFile:

    def __cinit__(self):
        self.fd = -1

    def __dealloc__(self):
        if self.fd >= 0:
            close(self.fd)

    cdef FileBody body(self):
        cdef LentBody lent
        cdef int fd = self.fd
        if not self.kept:
            self.fd = -1
            return FileBody(fd, 0, self.size)
        lent = LentBody(fd, 0, self.size, False)
        lent.lender = self
        return lent

    cdef void _describe(self, struct_stat* found) noexcept:
        self.regular = S_ISREG(found.st_mode)
        self.folder = S_ISDIR(found.st_mode)
        self.size = found.st_size
        self.modified = found.st_mtime
        self.device = found.st_dev
        self.inode = found.st_ino
        self.described_for = None


cdef class LentBody(FileBody):
    """A file that stays open as long as anybody sends it."""

    cdef OpenFile lender


cdef OpenFile open_file(bytes path):
    return opened(c_open(PyBytes_AS_STRING(path), O_RDONLY | O_NONBLOCK | O_CLOEXEC))


cdef OpenFile opened(int fd):
    cdef OpenFile made = OpenFile.__new__(OpenFile)
    cdef struct_stat found
    made.fd = fd
    if made.fd < 0 or fstat(made.fd, &found) < 0:
        made.failed = c_errno
        return made
    made._describe(&found)
    if not made.regular:
        close(made.fd)
        made.fd = -1
    return made


cdef class OpenFiles:

    def __init__(self, settings, double valid, long least_uses, bint errors):
        self.most = settings.most
        self.inactive = settings.inactive
        self.valid = valid
        self.least_uses = least_uses
        self.errors = errors
        self.files = OrderedDict()

    def __len__(self):
        return len(self.files)

    cdef OpenFile find(self, bytes path):
        cdef double now = monotonic()
        cdef OpenFile found = self.files.get(path)
        cdef bint known = found is not None
        if known and now - found.used_at >= self.inactive:
            found = None
        if found is None:
            found = open_file(path)
            found.checked_at = now
        elif now - found.checked_at >= self.valid or found.regular and found.fd < 0:
            found = self._again(found, path)
            found.checked_at = now
        found.used_at = now
        found.uses += 1
        if found.failed and not self.errors:
            if known:
                del self.files[path]
            return found
        self.files[path] = found
        if known:
            self.files.move_to_end(path)
        else:
            self._expire(now)
        found.kept = found.uses >= self.least_uses
        return found

    cdef OpenFile _again(self, OpenFile found, bytes path):
        """Look whether the file of that name is still the one that is open."""
        cdef struct_stat now
        cdef OpenFile other
        if found.fd >= 0 and stat(PyBytes_AS_STRING(path), &now) == 0 and (
                now.st_ino == found.inode and now.st_dev == found.device):
            if now.st_size != found.size or now.st_mtime != found.modified:
                found._describe(&now)
            return found
        other = open_file(path)
        # Of another file the uses are counted anew.
        if other.inode == found.inode and other.device == found.device:
            other.uses = found.uses
        return other

    cdef int _expire(self, double now) except -1:
        """Let go of what nobody asks for, and of the longest unused where there are too many."""
        cdef OpenFile oldest
        while len(self.files) > self.most:
            self.files.popitem(last=False)
        for _ in range(min(EXPIRED_AT_ONCE, len(self.files))):
            path = next(iter(self.files))
            oldest = <OpenFile> self.files[path]
            if now - oldest.used_at < self.inactive:
                break
            del self.files[path]
        return 0


cdef OpenFile look(OpenFiles cache, bytes path):
    return open_file(path) if cache is None else cache.find(path)


cdef Kind kind_of_file(OpenFile file) noexcept:
    if file.failed:
        return MISSING
    return REGULAR if file.regular else FOLDER if file.folder else OTHER


cdef Kind kind_of(OpenFiles cache, bytes path, int* failed):
    cdef struct_stat found
    cdef OpenFile file
    failed[0] = 0
    if b"\0" in path:
        failed[0] = errno.ENOENT
        return MISSING
    if cache is not None:
        file = cache.find(path)
        failed[0] = file.failed
        return kind_of_file(file)
    if stat(PyBytes_AS_STRING(path), &found) < 0:
        failed[0] = c_errno
        return MISSING
    return REGULAR if S_ISREG(found.st_mode) else FOLDER if S_ISDIR(found.st_mode) else OTHER


cdef OpenFiles open_files(scope, making):
    given = scope.nearest("open_file_cache")
    if given is None or given.value is None:
        return None
    rules = (
        scope.value("open_file_cache_valid"),
        scope.value("open_file_cache_min_uses"),
        scope.value("open_file_cache_errors"),
    )
    made = making.open_files.get((given, rules))
    if made is None:
        made = making.open_files[given, rules] = OpenFiles(given.value, *rules)
    return <OpenFiles> made
