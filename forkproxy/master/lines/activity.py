"""show activity, show profiling, set profiling: what the loops of the workers do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forkproxy.master import commands, turn_commands
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply
from forkproxy.shared.scoreboard import Cell


def show_activity(line: Line) -> Reply:
    """Write "name: total [ one for each worker ]" a line, as HAProxy does for its threads."""
    found = turn_commands.workers(line.master)
    counted = line.master.counted
    accepted = [counted.value(row, Cell.ACCEPTED) for _, _, row, _ in line.master.facts().workers]
    return Reply(
        "\n".join(
            (
                f"date_now: {line.master.facts().now:.6f}",
                _row("loops", [one["turns"] for one in found], sum),
                _row("cpust_ms_tot", [one["delay"] // 1000 for one in found], sum),
                _row("avg_loop_us", [one["time"] // (one["turns"] or 1) for one in found], _mean),
                _row("p99_loop_us", [one["p99"] for one in found], _most),
                _row("p999_loop_us", [one["p99.9"] for one in found], _most),
                _row("max_loop_us", [one["longest"] for one in found], _most),
                _row("accepted", accepted, sum),
            )
        )
    )


def _row(name: str, each: list[int], altogether: Callable[[list[int]], int]) -> str:
    return f"{name}: {altogether(each)} [ {' '.join(map(str, each))} ]"


def _mean(each: list[int]) -> int:
    return sum(each) // (len(each) or 1)


def _most(each: list[int]) -> int:
    return max(each, default=0)


def set_profiling(line: Line) -> Reply | None:
    """`set profiling tasks on|off`."""
    if line.word(2) != "tasks" or line.word(3) not in turn_commands.SWITCH:
        raise Refused("'set profiling' expects 'tasks' and 'on' or 'off'.", "")
    return commands.run(line.master, ["profiling", line.word(3)], line.client)


def show_profiling(line: Line) -> Reply:
    """Write what the turns of each worker were made of, while that was looked at."""
    on = line.master.counted.cells.board.value(line.master.counted.cells.row, Cell.PROFILING)
    rows = [
        f"Per-task CPU profiling              : {'on' if on else 'off'}      "
        "# set profiling tasks {on|off}",
        "# worker turns time_us run_us delay_us other_us p99_us p999_us",
    ]
    found = [one for one in turn_commands.workers(line.master) if one["profile"] is not None]
    rows += [f"{one['id']} {_profile(one['profile'])}" for one in found]
    return Reply("\n".join(rows))


def _profile(found: dict[str, Any]) -> str:
    other = max(0, found["time"] - found["run"] - found["delay"])
    words = (found["turns"], found["time"], found["run"], found["delay"], other)
    return " ".join(map(str, (*words, found["p99"], found["p99.9"])))
