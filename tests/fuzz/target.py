"""The lexer, the parser and the check under atheris.

    python -m tests.fuzz.target [-runs=N] [FOLDER]

Needs `pip install atheris`. It ends at the first input that raises what is no ConfigErrors or takes
longer than libFuzzer's -timeout; the input is left in a file.
"""

import random
import sys

import atheris

with atheris.instrument_imports(include=["forkproxy.config", "forkproxy.units"]):
    from forkproxy.config.load import load_text
    from forkproxy.config.parser import decode
    from forkproxy.config.problems import ConfigErrors
    from forkproxy.config.report import as_json, render

from tests.fuzz import configurations


def one_input(octets):
    """Check one text: the octets themselves, or a damaged configuration that they choose."""
    if octets[:1] == b"\x01":
        text = configurations.damaged(random.Random(octets[1:]), decode(octets[9:]) or " ")
    elif octets[:1] == b"\x02":
        text = configurations.tokens(random.Random(octets[1:]), 30)
    else:
        text = decode(octets)
    try:
        problems = load_text(text).notices
    except ConfigErrors as errors:
        problems = errors.problems
    render(problems, verbose=True)
    as_json("fuzz", problems)


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], "-timeout=5", *sys.argv[1:]], one_input)
    atheris.Fuzz()
