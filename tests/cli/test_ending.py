"""A command that has read a large configuration ends at once."""

import subprocess
import sys

CODE = """
import atexit, gc
from forkproxy.cli.ending import collect_no_more
atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 0))
collect_no_more()
"""


def test_nothing_is_collected_any_more_and_nothing_is_looked_at_in_the_end():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True, text=True)
    assert done.stdout == "False True\n"
