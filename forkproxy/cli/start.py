"""`forkproxy start`: from a configuration to a master that serves it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace

from forkproxy.build import Generation, build
from forkproxy.cli.builtin import CONFIGURATION
from forkproxy.cli.source import SEARCHED, AtTerminal, Source, Text, find, workplace
from forkproxy.config.problems import Problem, Severity
from forkproxy.config.reading import Kept
from forkproxy.downstream.acceptor import Acceptor
from forkproxy.errors import ConfigError
from forkproxy.master import main as master
from forkproxy.shared.errorlog import log


def run(options: argparse.Namespace) -> int:
    """Serve the configuration found; where there is none, a page that says what to do next."""
    source = find(options)
    if source is not None:
        shown: Source = source if options.daemon else AtTerminal(source)
        return serve(shown, workers=options.workers, daemon=options.daemon)
    searched = ", ".join(SEARCHED)
    if options.daemon:
        raise ConfigError(f"--daemon needs a configuration: -c, or one of {searched}")
    note = f"no configuration ({searched}); http://127.0.0.1:8080/ says what to do next"
    print(f"forkproxy: {note}", file=sys.stderr)
    with workplace(options.prefix) as prefix:
        builtin = Text("built-in configuration", CONFIGURATION, prefix)
        return serve(builtin, workers=options.workers)


def serve(
    source: Source, *, workers: str | None = None, daemon: bool = False, told: bool = False
) -> int:
    """Run a master until it is told to end; return its exit status.

    `workers` is a number or "auto", and goes before what the configuration says. Each reload
    asks the source again. `told`: what is doubtful in the text was said before.
    """
    count = worker_count(workers)

    def load(number: int, texts: Mapping[str, str] | None = None) -> Generation:
        config = source.load(None if texts is None else Kept(texts))
        generation = build(config, number)
        warn(() if told and number == 1 else config.notices, generation)
        if count is not None:
            generation.settings = replace(generation.settings, workers=count)
            generation.workers = count
        return generation

    return master.run(load, Acceptor, daemon=daemon)


def warn(read: Iterable[Problem], built: Generation) -> None:
    """Say what is doubtful: before the first generation serves, to who starts it; then in the log.

    `read`: what was found in the text.
    """
    texts = [problem.said() for problem in read if problem.severity is Severity.WARN]
    for text in (*texts, *built.notices):
        if built.number == 1:
            print(f"nginx: [warn] {text}", file=sys.stderr)
        else:
            log.warn(text)


def worker_count(text: str | None) -> int | None:
    """Read --workers; None where it is not given. Raises ConfigError."""
    if text is None:
        return None
    if text == "auto":
        return len(os.sched_getaffinity(0))
    if not text.isdecimal() or int(text) == 0:
        raise ConfigError(f'--workers: "{text}" is neither a number from 1 nor auto')
    return int(text)
