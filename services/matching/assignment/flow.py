"""A flow of least cost, solved exactly in integers by OR-tools, which holds Python's global lock until it has.

A process of its own may run it, so this imports nothing else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

Whole = NDArray[np.int64]
Nodes = NDArray[np.intp] | Whole


def flows(tails: Nodes, heads: Nodes, capacities: Whole, costs: Whole, supplies: Whole) -> Whole:
    """[arcs] What flows along each arc, from nodes that give a supply to those that ask for one.

    Raises:
        ArithmeticError: the supplies cannot all flow.
    """
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
    flow.set_nodes_supplies(np.arange(len(supplies)), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"no flow of {len(supplies)} nodes along {len(tails)} arcs: {status}")
    return np.asarray(flow.flows(np.arange(len(tails))), np.int64)
