"""One scenario a file, by the name it has on the command line: its SCENARIO."""

import importlib
import pkgutil

from loadtest.scenario import Scenario


def names() -> list[str]:
    """Return the names of all scenarios."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Scenario:
    """Return one scenario, by a name out of `names`."""
    scenario = importlib.import_module(f"{__name__}.{name}").SCENARIO
    assert isinstance(scenario, Scenario)
    return scenario
