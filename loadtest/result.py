"""The result of a run: every sample, in the order taken, as JSON that `compare` reads."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Self

from loadtest.scenario import Sample


@dataclass(slots=True)
class Result:
    """All samples of one scenario.

    Attributes:
        versions: what each proxy says it is, by name; the order is the order of the rounds.
        samples: by proxy, one a round: those of one index belong to the same round.
    """

    scenario: str
    seconds: float
    connections: int
    log: bool
    versions: dict[str, str]
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def add(self, name: str, sample: Sample) -> None:
        self.samples.setdefault(name, []).append(sample)

    def values(self, name: str, key: str) -> list[float]:
        """Return what was measured, without the rounds in which there was nothing."""
        found = [sample.values.get(key) for sample in self.samples.get(name, [])]
        return [value for value in found if value is not None]

    def middle(self, name: str, key: str) -> float | None:
        """Return the median over the rounds, or None if there never was a value."""
        values = self.values(name, key)
        return median(values) if values else None

    def spread(self, name: str, key: str) -> float | None:
        """Return half the range over the rounds as a part of the median: the noise."""
        values = self.values(name, key)
        middle = self.middle(name, key)
        return (max(values) - min(values)) / 2 / middle if middle else None

    def failures(self, name: str) -> dict[str, int]:
        """Return how many requests failed over all rounds, by kind."""
        total: dict[str, int] = {}
        for sample in self.samples.get(name, []):
            for kind, count in sample.failures.items():
                total[kind] = total.get(kind, 0) + count
        return {kind: count for kind, count in total.items() if count}

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what `text` gave. Raises ValueError for a file that is none of ours."""
        try:
            tree = json.loads(file.read_text())
            samples = {
                name: [Sample(**sample) for sample in taken]
                for name, taken in tree.pop("samples").items()
            }
            return cls(**tree, samples=samples)
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
            raise ValueError(f"{file} is no result of loadtest.run") from error
