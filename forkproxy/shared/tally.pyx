"""Counters of one named thing, kept by each worker in its row and added up by who reads them.

Which statuses occur is not known before, and a column for each would be far too many: the first
CODES different ones that a writer meets each take a cell, the status in its upper 16 bits. One that
finds no cell is counted in its class alone.
"""

from libc.stdint cimport uint64_t

from forkproxy.shared.scoreboard cimport CODES, TALLY_CELLS, Scoreboard

DEF STATUS_SHIFT = 48


cdef class Tally:

    def __cinit__(self, str kind not None, str name not None):
        self.kind = kind
        self.name = name
        self.cells = self.unseen

    def attach(self, cells):
        """Count in our row of a scoreboard (shared.cells.Cells) from now on."""
        cdef Scoreboard board = <Scoreboard?> cells.board
        cdef int first = cells.tally(self.kind, self.name)
        self.cells = board.row_cells(cells.row) + first

    def count(self, int cell, long long amount=1):
        """Add to one cell; from Python."""
        if not 0 <= cell < <int> TALLY_CELLS:
            raise IndexError(f"no cell {cell} in a tally")
        self.add(cell, amount)

    cdef void add(self, int cell, long long amount=1) noexcept:
        self.cells[cell] += <uint64_t> amount

    def __repr__(self):
        return f"<Tally {self.kind} {self.name}>"


cdef void count_status(uint64_t* classes, uint64_t* codes, int status) noexcept:
    cdef int index
    cdef uint64_t mark = <uint64_t> status << STATUS_SHIFT
    if 100 <= status < 600:
        classes[status // 100 - 1] += 1
    for index in range(<int> CODES):
        if codes[index] == 0:
            codes[index] = mark
        if codes[index] >> STATUS_SHIFT == <uint64_t> status:
            codes[index] += 1
            return


def statuses(board, int first):
    """Return how often each status occurred, over all rows; `first` is the first cell of codes."""
    cdef Scoreboard table = <Scoreboard?> board
    cdef uint64_t cell
    cdef int row, index
    cdef dict found = {}
    table._check(0, first + <int> CODES - 1)
    for row in range(<int> table.used[0]):
        for index in range(<int> CODES):
            cell = table.row_cells(row)[first + index]
            if cell == 0:
                break
            status = <int> (cell >> STATUS_SHIFT)
            count = <long long> (cell & ((<uint64_t> 1 << STATUS_SHIFT) - 1))
            found[status] = found.get(status, 0) + count
    return found
