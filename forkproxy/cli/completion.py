"""`forkproxy completion SHELL`: a completion script, made from the table of commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from forkproxy.cli.commands import COMMANDS, Command, Option

HELP = Option(("-h", "--help"), "say more about the command")


def run(options: argparse.Namespace) -> int:
    """Print the script for one shell."""
    scripts: dict[str, Callable[[], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
    print(scripts[options.shell](), end="")
    return 0


def flags(command: Command) -> list[str]:
    """Return every flag of a command."""
    return [flag for option in (*command.options, HELP) for flag in option.flags]


def words(command: Command) -> str:
    """Return what may follow a command, for a shell that takes one list."""
    offered = [choice for argument in command.arguments for choice in argument.choices]
    return " ".join([*offered, *flags(command)])


# bash


def bash() -> str:
    """Return a script for bash: `eval "$(forkproxy completion bash)"`."""
    names = " ".join(command.name for command in COMMANDS)
    values = "\n".join(bash_values())
    follow = "\n".join(
        f'        {command.name}) words="{words(command)}" ;;' for command in COMMANDS
    )
    return f"""\
_forkproxy() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" words
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "{names} --help --version" -- "$word"))
        return
    fi
    case "$before" in
{values}
    esac
    case "${{COMP_WORDS[1]}}" in
{follow}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o filenames -F _forkproxy forkproxy
"""


def bash_values() -> Iterator[str]:
    """Yield one case for each kind of value that an option takes."""
    seen: dict[tuple[str, ...], str] = {}
    for command in COMMANDS:
        for option in command.options:
            if option.metavar:
                seen[option.flags] = bash_value(option)
    for option_flags, value in seen.items():
        yield f"        {'|'.join(option_flags)}) {value}return ;;"


def bash_value(option: Option) -> str:
    """Return the code that offers values of an option; "" where there are none to offer."""
    if option.choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$word")); '
    if option.completes:
        kind = "-d" if option.completes == "folder" else "-f"
        return f'COMPREPLY=($(compgen {kind} -- "$word")); '
    return ""


# zsh


def zsh() -> str:
    """Return a script for zsh: a file `_forkproxy` in a folder of $fpath, or read by eval."""
    names = "\n".join(f"        {quote(f'{c.name}:{c.summary}')}" for c in COMMANDS)
    follow = "\n".join(zsh_command(command) for command in COMMANDS)
    return f"""\
#compdef forkproxy
_forkproxy() {{
    local -a commands
    commands=(
{names}
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{follow}
    esac
}}
if [[ $funcstack[1] == _forkproxy ]]; then
    _forkproxy "$@"
else
    compdef _forkproxy forkproxy
fi
"""


def zsh_command(command: Command) -> str:
    """Return the case of one command."""
    specs = [spec for option in (*command.options, HELP) for spec in zsh_option(option)]
    for number, argument in enumerate(command.arguments, 1):
        specs.append(f"{number}:{argument.name}:({' '.join(argument.choices)})")
    return f"        {command.name}) _arguments {' '.join(map(quote, specs))} ;;"


def zsh_option(option: Option) -> Iterator[str]:
    """Yield a specification for each flag, in the words of zsh's _arguments."""
    again = "*" if option.repeats else ""
    help_text = option.help.replace("[", r"\[").replace("]", r"\]").replace(":", r"\:")
    for flag in option.flags:
        yield f"{again}{flag}[{help_text}]{zsh_value(option)}"


def zsh_value(option: Option) -> str:
    """Return how the value of an option is completed; "" for a flag."""
    if not option.metavar:
        return ""
    offers = {"file": "_files", "folder": "_files -/", "": " "}[option.completes]
    if option.choices:
        offers = f"({' '.join(option.choices)})"
    return f":{option.metavar}:{offers}"


# fish


def fish() -> str:
    """Return a script for fish: a file `forkproxy.fish` in its folder of completions."""
    return "\n".join(fish_lines()) + "\n"


def fish_lines() -> Iterator[str]:
    """Yield one `complete` for each command, option and argument."""
    yield "complete -c forkproxy -f"
    for command in COMMANDS:
        yield (
            "complete -c forkproxy -n __fish_use_subcommand"
            f" -a {command.name} -d {quote(command.summary)}"
        )
    for command in COMMANDS:
        within = f"complete -c forkproxy -n '__fish_seen_subcommand_from {command.name}'"
        for argument in command.arguments:
            yield f"{within} -a {quote(' '.join(argument.choices))}"
        for option in (*command.options, HELP):
            yield f"{within}{fish_flags(option)} -d {quote(option.help)}{fish_value(option)}"


def fish_flags(option: Option) -> str:
    """Return the flags of an option as arguments of `complete`."""
    return "".join(
        f" -l {flag[2:]}" if flag.startswith("--") else f" -s {flag[1:]}" for flag in option.flags
    )


def fish_value(option: Option) -> str:
    """Return what is offered as the value of an option; "" for a flag."""
    if not option.metavar:
        return ""
    if option.choices:
        return f" -x -a {quote(' '.join(option.choices))}"
    if option.completes == "folder":
        return " -x -a '(__fish_complete_directories)'"
    return " -r -F" if option.completes else " -x"


def quote(text: str) -> str:
    """Quote a text for any of the three shells."""
    return "'" + text.replace("'", r"'\''") + "'"
