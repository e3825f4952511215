"""Every rule has a scenario."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAMILIES = {"INS": 3, "ORD": 13, "MAT": 2, "MKT": 1, "LIM": 3, "API": 5}
RULES_FILE = ROOT.parent / "shared/rules.md"


def test_every_rule_has_a_scenario() -> None:
    """Each rule of the table in docs/rules/README.md is shown by a test, and no test names another."""
    done = subprocess.run(
        [sys.executable, "scripts/rule_table.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_holds_every_rule() -> None:
    """The families are whole: INS-1 to INS-3, ORD-1 to ORD-13 ..."""
    text = (ROOT / "docs/rules/README.md").read_text()
    named = re.findall(r"^\| ([A-Z]{3}-\d+) \|", text, re.MULTILINE)
    assert named == [f"{family}-{n}" for family, count in FAMILIES.items() for n in range(1, count + 1)]


@pytest.mark.skipif(not RULES_FILE.exists(), reason="the rules are not beside the project")
def test_the_families_are_those_of_the_rules() -> None:
    """None is missing in this test's own list."""
    named = re.findall(r"^- ([A-Z]{3}-\d+) ", RULES_FILE.read_text(), re.MULTILINE)
    assert {rule for rule in named if rule[:3] in FAMILIES} - {"LIM-2", "LIM-3"} == {
        f"{family}-{n}" for family, count in FAMILIES.items() for n in range(1, count + 1)
    } - {"LIM-2", "LIM-3"}
