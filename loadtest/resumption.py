"""The scenarios in which clients come back with the session of the last time."""

import subprocess

from loadtest import handshakes, proc
from loadtest.child import Child
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, one_decimal, whole
from loadtest.site import Task
from loadtest.throughput import COST

_LATE = 15.0  # seconds that the clients may take beyond their time


def resumption(summary: str, version: str, kept: str) -> Scenario:
    """Return the scenario of sessions of a version of TLS, kept in "tickets" or a "cache"."""

    def measure(proxy: Running, terms: Terms) -> Sample:
        before = proc.cpu_seconds(proxy.pid)
        words = handshakes.command(proxy.port, terms.seconds, version)
        with Child(words, terms.cores.load, terms.folder / "handshakes.out") as child:
            try:
                child.wait(terms.seconds + _LATE)
            except subprocess.TimeoutExpired:
                return Sample({}, {"timeout": 1})
            report = handshakes.parse(child.said())
        spent = proc.cpu_seconds(proxy.pid) - before
        count = report.handshakes
        values: dict[str, float | None] = {
            "rate": count / terms.seconds,
            COST: spent * 1e6 / count if count else None,
            "resumed": 100 * report.resumed / count if count else None,
        }
        return Sample(values, {"failed": report.failed} if report.failed else {})

    columns = (
        Column("rate", "handshakes/s", whole),
        Column(COST, "CPU µs each", one_decimal),
        Column("resumed", "resumed %", one_decimal),
    )
    return Scenario(summary, measure, columns, cost=COST, task=Task(secure=kept))
