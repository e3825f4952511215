"""Writes docs/rules/coverage.md: each rule, the scenarios that show it, and how they went.

A test shows a rule when it carries `@pytest.mark.rule("ORD-9")`. The rules are those in the table of
docs/rules/README.md. With --check nothing is run or written: the tests are only collected, and the status
is 1 when a rule has no scenario, or a test names a rule that is not there.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "docs/rules/README.md"
COVERAGE = ROOT / "docs/rules/coverage.md"
ORDER = ("passed", "failed", "skipped")


@dataclass(eq=False)  # pytest keeps plugins in sets
class Collector:
    """A pytest plugin that keeps which tests show which rule, and their results."""

    shown: dict[str, list[str]] = field(default_factory=dict)  # rule id -> node ids
    results: dict[str, str] = field(default_factory=dict)  # node id -> passed, failed, skipped

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Takes the rules of every test."""
        for item in session.items:
            for rule in dict.fromkeys(rule for mark in item.iter_markers("rule") for rule in mark.args):
                self.shown.setdefault(rule, []).append(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has passed when nothing of it failed or was skipped."""
        if report.when == "call" or report.outcome != "passed":
            self.results[report.nodeid] = report.outcome


def rules() -> dict[str, str]:
    """Rule ids and what they are about, from the table in the README, in its order."""
    rows = re.findall(r"^\| ([A-Z]{3}-\d+) \| ([^|]+) \|", README.read_text(), re.MULTILINE)
    return {rule: about.strip() for rule, about in rows}


def collected(*, run: bool) -> Collector:
    """Collects the tests that show rules, and runs them when asked to."""
    collector = Collector()
    options = ["--rootdir", str(ROOT), "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    options += ["-m", "rule and not long", *([] if run else ["--collect-only"]), str(ROOT / "tests")]
    with contextlib.redirect_stdout(io.StringIO()) as told:
        status = pytest.main(options, plugins=[collector])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        sys.stderr.write(told.getvalue())
    return collector


def complaints(collector: Collector) -> list[str]:
    """Rules without a scenario, and names of rules that are not in the table."""
    known = rules()
    missing = [f"{rule} has no scenario" for rule in known if rule not in collector.shown]
    unknown = [f"{rule} is no rule: {tests[0]}" for rule, tests in collector.shown.items() if rule not in known]
    return missing + unknown


def table(collector: Collector) -> str:
    """The page: a row per rule and test function; the cases of a parametrised test are counted."""
    lines = [
        "# Rules and their scenarios",
        "",
        "Written by `make rules`. Each scenario of the engine runs on the core and on the naive model.",
        "",
        "| rule | scenarios | result |",
        "|---|---|---|",
    ]
    for rule, about in rules().items():
        functions: dict[str, Counter[str]] = {}
        for node in collector.shown.get(rule, []):
            functions.setdefault(node.split("[")[0], Counter())[collector.results.get(node, "not run")] += 1
        lines.append(f"| **{rule}** {about} | {len(functions)} | |")
        for function, counts in functions.items():
            lines.append(f"| | {function.removeprefix('tests/')} | {in_words(counts)} |")
    return "\n".join(lines) + "\n"


def in_words(counts: Counter[str]) -> str:
    """ "3 passed, 1 failed"."""
    return ", ".join(f"{counts[result]} {result}" for result in (*ORDER, "not run") if counts[result])


def main() -> int:
    """0 when every rule has a scenario and none of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="collect only, and write nothing")
    options = parser.parse_args()
    collector = collected(run=not options.check)
    found = complaints(collector)
    print(*found, sep="\n", end="\n" if found else "")
    if not options.check:
        COVERAGE.write_text(table(collector))
        nodes = {node for tests in collector.shown.values() for node in tests}
        found += [node for node in sorted(nodes) if collector.results.get(node, "failed") == "failed"]
        print(f"{len(collector.results)} cases of {len(collector.shown)} rules, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
