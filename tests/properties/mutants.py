"""Deliberately broken shards: the model's own source with one thing changed.

They show that the differential can fail. A mistake names the module of tests/oracle that it changes, the
text that it replaces (which must occur exactly once) and what stands there instead.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import cast

from tests.oracle.twin import ShardFactory
from tests.properties.mistake import Mistake
from tests.properties.mistakes import MISTAKES

ORACLE = Path(__file__).parent.parent / "oracle"
CHAIN = (  # each imports only those before it
    *("orders", "state", "telling", "triggers", "protection", "matching", "filters", "placing", "changing"),
    *("quotes", "lapsing", "auction", "venue", "ticking", "queries", "model", "canonical", "twin"),
)


def build(mistake: Mistake) -> ShardFactory:
    """A factory of broken shards."""
    package = f"mutant_of_oracle_{MISTAKES.index(mistake)}"
    for name in CHAIN:
        source = (ORACLE / f"{name}.py").read_text()
        if name == mistake.module:
            assert source.count(mistake.old) == 1, f"{mistake.name}: {source.count(mistake.old)} places"
            source = source.replace(mistake.old, mistake.new)
        for other in CHAIN:
            source = source.replace(f"from tests.oracle.{other} import", f"from {package}_{other} import")
            source = source.replace("from tests.oracle import canonical", f"import {package}_canonical as canonical")
        module = ModuleType(f"{package}_{name}")
        sys.modules[module.__name__] = module
        exec(compile(source, f"{name}.py with: {mistake.name}", "exec"), module.__dict__)
    return cast(ShardFactory, sys.modules[f"{package}_twin"].oracle_shard)
