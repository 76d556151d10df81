"""Numbers that every process sees at once.

Each cell is an unsigned 64-bit integer with exactly one writer, so there are no locks: a reader
may see a value a moment old, never a torn one (aligned 8-octet stores are single on every machine
we run on). The master writes orders, the keeper findings, each worker facts, in a row of its own.
What choices between peers look at lies outside the rows, peer beside peer; some of that belongs to
nobody, and all processes add and swap there atomically (StandingCell).
"""

from cpython.buffer cimport PyBUF_WRITE
from cpython.memoryview cimport PyMemoryView_FromMemory
from libc.errno cimport errno
from libc.stdint cimport uint64_t
from libc.string cimport memset

import os

from forkproxy.shared.pages cimport release_pages, share_pages

cdef enum:
    PAGE = 512          # cells to 4096 octets: no two writers share a page, nor a cache line


cdef class Scoreboard:

    def __cinit__(self, int rows, int columns):
        cdef void* found
        if rows < FIRST_WORKER or columns < FIXED_CELLS:
            raise ValueError("a scoreboard has more rows and columns")
        self.rows = rows
        self.columns = (columns + PAGE - 1) // PAGE * PAGE
        self.size = (PAGE + <size_t> rows * self.columns
                     + self.columns // <int> PEER_CELLS * <int> STANDING_CELLS) * sizeof(uint64_t)
        found = share_pages(self.size)      # by the master before it forks: seen by all
        if found == NULL:
            raise OSError(errno, f"no room for the scoreboard: {os.strerror(errno)}")
        self.used = <uint64_t*> found
        self.cells = self.used + PAGE
        self.standings = self.cells + <size_t> rows * self.columns
        self.used[0] = FIRST_WORKER

    def __dealloc__(self):
        if self.used != NULL:
            release_pages(self.used, self.size)

    cdef uint64_t* row_cells(self, int row) noexcept:
        """Return the first cell of a row, which must exist. Only its writer may store there."""
        return self.cells + <size_t> row * self.columns

    cdef uint64_t* standing(self, int first) noexcept:
        """Return the StandingCells of the peer whose first column this is."""
        return self.standings + first // <int> PEER_CELLS * <int> STANDING_CELLS

    def claim(self, int row):
        """Count a row in from now on; called by the master before it forks the row's writer.

        Raises IndexError where there is no such row.
        """
        self._check(row, 0)
        if row >= <int> self.used[0]:
            self.used[0] = row + 1

    def row(self, int row):
        """Return the cells of one writer, which must not outlive the scoreboard."""
        self._check(row, 0)
        octets = self.columns * sizeof(uint64_t)
        return PyMemoryView_FromMemory(
            <char*> self.row_cells(row), octets, PyBUF_WRITE).cast("Q")

    def value(self, int row, int column):
        """Return one cell."""
        self._check(row, column)
        return self.row_cells(row)[column]

    def store(self, int row, int column, uint64_t value):
        """Set one cell; for the row's writer."""
        self._check(row, column)
        self.row_cells(row)[column] = value

    def add(self, int row, int column, long long amount=1):
        """Add to one cell; for the row's writer."""
        self._check(row, column)
        self.row_cells(row)[column] += <uint64_t> amount

    def standing_value(self, int first, int cell):
        """Return a StandingCell of the peer whose first column this is."""
        self._check(0, first)
        return self.standing(first)[cell]

    def standing_store(self, int first, int cell, uint64_t value):
        """Set a StandingCell; for its writer, or where a lost change of another's does no harm."""
        self._check(0, first)
        self.standing(first)[cell] = value

    def standing_add(self, int first, int cell, long long amount):
        """Add to a StandingCell, atomically; return the sum."""
        self._check(0, first)
        return add_to(self.standing(first) + cell, amount)

    def wipe(self, int first):
        """Zero all that there is of a peer, in every row; of one that nobody has any more."""
        cdef int row
        self._check(0, first + <int> PEER_CELLS - 1)
        for row in range(self.rows):
            memset(self.row_cells(row) + first, 0, <int> PEER_CELLS * sizeof(uint64_t))
        memset(self.standing(first), 0, <int> STANDING_CELLS * sizeof(uint64_t))

    def total(self, int column):
        """Add one column up over all writers."""
        cdef uint64_t total = 0
        cdef int row
        self._check(0, column)
        for row in range(<int> self.used[0]):
            total += self.row_cells(row)[column]
        return total

    def most(self, int column):
        """Return the largest cell of one column."""
        cdef uint64_t found = 0
        cdef int row
        self._check(0, column)
        for row in range(<int> self.used[0]):
            found = max(found, self.row_cells(row)[column])
        return found

    def forget_most(self, int column):
        """Begin a column of maxima anew.

        The master's, although others write there: they compare and store, so that what is lost at
        the worst is that this was asked for.
        """
        cdef int row
        self._check(0, column)
        for row in range(<int> self.used[0]):
            self.row_cells(row)[column] = 0

    def totals(self, int first, int count):
        """Add up columns that stand side by side; return their sums."""
        cdef list found = [0] * count
        cdef uint64_t total
        cdef int row, column
        self._check(0, first)
        self._check(0, first + count - 1)
        for column in range(count):
            total = 0
            for row in range(<int> self.used[0]):
                total += self.row_cells(row)[first + column]
            found[column] = total
        return found

    cdef int _check(self, int row, int column) except -1:
        if not 0 <= row < self.rows or not 0 <= column < self.columns:
            raise IndexError(f"no cell {column} in row {row} of the scoreboard")
        return 0
