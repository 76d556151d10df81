"""Text tables, and the one that a result makes."""

from collections.abc import Sequence

from loadtest.result import Result
from loadtest.scenario import Scenario

NOTHING = "-"  # in place of a value that there is not


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines: the first column to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def table(result: Result, scenario: Scenario) -> str:
    """Return the medians of a result, a line a proxy.

    The cost is followed by its noise (half the range of the rounds) and by its ratio to
    each other proxy's: 1.50 under "x nginx" is half as much again as nginx needs.
    """
    names = list(result.samples)
    return aligned([_titles(names, scenario), *(_row(result, scenario, name) for name in names)])


def _titles(names: Sequence[str], scenario: Scenario) -> list[str]:
    titles = [""]
    for column in scenario.columns:
        titles.append(column.title)
        if column.key == scenario.cost:
            titles += ["±", *(f"x {name}" for name in names[1:])]
    return [*titles, "failed"]


def _row(result: Result, scenario: Scenario, name: str) -> list[str]:
    cells = [name]
    for column in scenario.columns:
        value = result.middle(name, column.key)
        cells.append(NOTHING if value is None else column.show(value))
        if column.key == scenario.cost:
            spread = result.spread(name, column.key)
            cells.append(NOTHING if spread is None else f"{spread:.0%}")
            cells += [
                _ratio(value, result.middle(other, column.key))
                for other in list(result.samples)[1:]
            ]
    return [*cells, str(sum(result.failures(name).values()))]


def _ratio(value: float | None, other: float | None) -> str:
    return f"{value / other:.2f}" if value is not None and other else NOTHING


def failed(result: Result) -> str:
    """Return the lines that say which proxies failed requests, and how; "" if none did."""
    lines = []
    for name in result.samples:
        kinds = result.failures(name)
        if kinds:
            listed = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
            lines.append(f"!!! {name} FAILED {sum(kinds.values())} requests: {listed}")
    return "\n".join(lines)
