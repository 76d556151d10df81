"""forkproxy's command line: parse, then import the one module that does the work."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from forkproxy.cli.commands import COMMANDS, Command, Option
from forkproxy.cli.ending import collect_no_more
from forkproxy.errors import ConfigError, ForkproxyError

FAILED = 1
MISUSED = 2  # as argparse
INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, 1 for what went wrong, 2 for bad usage."""
    grammar = parser()
    options = grammar.parse_args(arguments)
    if options.command is None:
        grammar.print_help(sys.stderr)
        return MISUSED
    command = next(command for command in COMMANDS if command.name == options.command)
    module = importlib.import_module(f"forkproxy.cli.{command.module}")
    if arguments is None and command.reads:  # this process is ours
        collect_no_more()
    try:
        status: int = module.run(options)
        sys.stdout.flush()
    except ForkproxyError as error:
        print(complaint(error), end="", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`forkproxy status | head -1`): there is nobody to tell,
        # and the interpreter shall not try once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status


def complaint(error: ForkproxyError) -> str:
    """Return what is said of an error: one line, or the report of a configuration."""
    if not isinstance(error, ConfigError):
        return f"forkproxy: {error}\n"
    problems = getattr(error, "problems", None)
    if problems is None and not error.line:
        hint = f"  hint: {error.hint}\n" if error.hint and error.hint not in error.reason else ""
        return f"forkproxy: {error}\n{hint}"
    from forkproxy.config.report import problem_of, render, summary

    found = problems or (problem_of(error),)
    return render(found) + summary(found)


def parser() -> argparse.ArgumentParser:
    """Make the parser from the table of commands."""
    top = argparse.ArgumentParser(
        prog="forkproxy",
        description="A reverse proxy that reads nginx.conf.",
        epilog="`forkproxy COMMAND --help` says more about a command.",
    )
    top.add_argument("--version", action="version", version=version())
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        made = commands.add_parser(
            command.name,
            help=command.summary,
            description=description(command),
            epilog=epilog(command),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        for option in command.options:
            add(made, option)
        for argument in command.arguments:
            made.add_argument(
                argument.name,
                choices=argument.choices or None,
                help=argument.help,
                nargs="*" if argument.repeats else "?" if argument.optional else None,
            )
    return top


def version() -> str:
    """Return what `forkproxy --version` prints."""
    from forkproxy import __version__

    return f"forkproxy {__version__}"


def add(made: argparse.ArgumentParser, option: Option) -> None:
    """Give a command's parser one option."""
    settings: dict[str, Any] = {"help": option.help, "dest": option.attribute}
    if not option.metavar:
        settings["action"] = "store_true"
    else:
        settings["metavar"] = option.metavar
        settings["required"] = option.required
        settings["action"] = "append" if option.repeats else "store"
        settings["choices"] = option.choices or None
    made.add_argument(*option.flags, **settings)


def description(command: Command) -> str:
    """Return what the help of a command begins with."""
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    return f"{summary}\n\n{command.about}" if command.about else summary


def epilog(command: Command) -> str | None:
    """Return the examples at the end of a command's help."""
    if not command.examples:
        return None
    return "\n  ".join(["examples:", *command.examples])
