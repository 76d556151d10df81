"""Floods: frames that cost us more than they cost who sends them, and bring nobody anything.

A frame of control is in order where something is asked or answered: each piece of content pays for
some. What is not paid for is counted, and a thousand is too many. So a client that is busy may do
as it likes, and one that only pings is let go. Each second one is forgiven: who asks now and then
whether a silent stream's connection still stands may do so for days. Octets are counted as well,
for the sake of frames that libnghttp2 keeps from us. A stream that is opened and reset at once
(CVE-2023-44487) is paid for by streams that had their answer.
"""

DEF MOST = 1000             # frames that bring nothing
DEF OVERHEAD = 8            # octets for one of content or fields, as nginx
DEF FREE = 1 << 20          # and so many of them in advance
DEF LEAST_REFUSALS = 100    # as nginx


cdef class Flood:

    def __init__(self, int streams):
        """Judge a client that may have so many streams at a time."""
        self.allowance = 2 * streams if streams > LEAST_REFUSALS else 2 * LEAST_REFUSALS

    cdef bint came(self, Py_ssize_t octets) noexcept:
        self.octets += octets
        return self.octets // OVERHEAD > self.worth + FREE

    cdef bint idle(self) noexcept:
        self.fruitless += 1
        return self.fruitless > MOST

    cdef void forgive(self) noexcept:
        self.work(1)

    cdef void work(self, int frames) noexcept:
        self.fruitless -= frames
        if self.fruitless < 0:
            self.fruitless = 0

    cdef bint taken_back(self) noexcept:
        self.resets += 1
        return self.resets > self.allowance

    cdef void answered(self) noexcept:
        if self.resets:
            self.resets -= 1

    cdef bint refused(self) noexcept:
        self.refusals += 1
        return self.refusals > self.allowance // 2
