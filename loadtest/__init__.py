"""forkproxy measured beside other proxies, by the same client, the same origin, the same minute.

`python -m loadtest.run SCENARIO` prints one table; `--help` names the scenarios. Proxies run on
one core, the load and the origin on another, and their runs are interleaved, so that whatever
the machine does meanwhile happens to all of them.
"""
