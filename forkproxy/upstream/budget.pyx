"""proxy_next_upstream_budget: retries are at most a share of all requests.

When everything fails, retries multiply the load just where there is too much of it. Each request
earns a share of a retry, and each retry spends one. A few are there from the start, and that many
are saved at most, so that little traffic has its retries too, and a quiet hour no storm afterwards.
"""

DEF RESERVE = 10.0


cdef class Budget:

    def __init__(self, double share):
        """`share` is 0.2 for one retry in five requests."""
        self.share = share
        self.left = RESERVE

    cdef void earn(self) noexcept:
        self.left = min(RESERVE, self.left + self.share)

    cdef bint spend(self) noexcept:
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True

    def came(self):
        """Count a request."""
        self.earn()

    def allows(self):
        """Spend a retry, where there is one left."""
        return self.spend()
