"""Prometheus' text format, version 0.0.4: families of samples to text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Family:
    """One metric: what it is, and a sample for each set of labels."""

    def __init__(self, name: str, kind: str, meaning: str) -> None:
        """`kind`: counter, gauge or histogram."""
        self.name = f"forkproxy_{name}"
        self._head = f"# HELP {self.name} {meaning}\n# TYPE {self.name} {kind}\n"
        self._samples: list[str] = []

    def add(self, value: float, labels: str = "", suffix: str = "") -> None:
        """Add a sample; `labels` as labels_of() writes them."""
        braces = f"{{{labels}}}" if labels else ""
        self._samples.append(f"{self.name}{suffix}{braces} {value}\n")

    def add_histogram(
        self, bounds: Sequence[str], counts: Iterable[int], total: float, labels: str
    ) -> None:
        """Add a histogram: how many fell between one bound and the next, the last one open."""
        sum_so_far = 0
        for bound, count in zip((*bounds, "+Inf"), counts, strict=True):
            sum_so_far += count
            self.add(sum_so_far, f'{labels},le="{bound}"', "_bucket")
        self.add(total, labels, "_sum")
        self.add(sum_so_far, labels, "_count")

    def __str__(self) -> str:
        """Return it as text, "" where there are no samples."""
        return self._head + "".join(self._samples) if self._samples else ""


def labels_of(**values: str) -> str:
    """Return labels, escaped."""
    return ",".join(f'{name}="{value.translate(_ESCAPED)}"' for name, value in values.items())


def page(families: Iterable[Family]) -> str:
    """Return families as text."""
    return "".join(map(str, families))
