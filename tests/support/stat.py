"""`show stat` as rows."""

import csv
import io

from tests.support.administration import tell


def table(text):
    """Return the rows of `show stat`, each by its columns."""
    assert text.startswith("# pxname,svname,")
    return list(csv.DictReader(io.StringIO(text[2:])))


def stat(master):
    """Return the rows by (pxname, svname)."""
    return {(row["pxname"], row["svname"]): row for row in table(tell(master, "show stat"))}
