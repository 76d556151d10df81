"""How long the turns of the loop are."""

from libc.stdint cimport uint64_t

# Counts of durations: by whole microseconds below 4, then four places to a doubling, up to 8 s.
cpdef enum Length:
    PLACES = 88


# The words that a process counts its turns in. Times are in microseconds.
cpdef enum Word:
    TURNS = 0               # how many took how long, PLACES words
    TURN_TIME = PLACES      # that all took
    LONGEST_TURN
    PROFILED_TIME           # that those took which were looked at closely
    PROFILED_RUN            # of it, that the thread ran
    PROFILED_DELAY          # of it, that it could have run but had no processor
    PROFILED_TURNS          # how many of those took how long but for that, PLACES words
    WORDS = 192


cdef void next_turn(double now) noexcept nogil  # one is over, since the kernel was asked anew
