"""What the master has, and its parts share."""

from __future__ import annotations

import selectors
from dataclasses import dataclass

from forkproxy.master.channels import Channels
from forkproxy.master.decisions.situation import Situation
from forkproxy.master.generations import Generations
from forkproxy.master.listeners import Listeners
from forkproxy.master.remembered import Remembered
from forkproxy.shared.cells import Cells


@dataclass(frozen=True, slots=True)
class Holdings:
    """The state of the master: `situation` is what it has decided, the others what there is."""

    situation: Situation
    selector: selectors.BaseSelector  # of all that is waited for; its data are called
    cells: Cells
    listeners: Listeners
    channels: Channels
    remembered: Remembered
    generations: Generations
