"""`python -m forkproxy` is `forkproxy`."""

import sys

from forkproxy.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
