"""CPU time by process while something is measured, and the plots made of results."""

import os
import time

import pytest

from benchmarks import cpu


def test_work_of_this_process_is_its_own() -> None:
    """A busy block shows up under the client's name, in seconds of CPU and per operation."""
    with cpu.spent({}) as spent:
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
    assert sum(spent.processes[cpu.ME]) == pytest.approx(0.1, abs=0.05)
    assert spent.seconds > 0
    assert any(line.startswith(cpu.ME) for line in spent.table(1_000))


def test_a_process_that_has_gone_costs_nothing() -> None:
    """Its figures are zero, and nothing fails."""
    gone = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(gone, 0)
    with cpu.spent({"gone": gone}) as spent:
        pass
    assert spent.processes["gone"] == (0.0, 0.0)


def test_plots_are_made_of_whatever_rows_there_are(tmp_path) -> None:
    """A picture per kind of row; none for rows that are not there."""
    pytest.importorskip("matplotlib", reason="drawn by `make bench`, which installs matplotlib")
    from benchmarks import plots

    assert plots.write([], tmp_path) == []
    rows = [
        {"name": "core.match", "value": 9e6, "baseline": 8e6, "details": {"peers": {"a": {"value": 8e6}}}},
        {"name": "recovery", "value": 5e6, "baseline": None},
        {"name": "grpc.unary.p50", "value": 0.6, "baseline": 0.3},
    ]
    assert [path.name for path in plots.write(rows, tmp_path)] == ["core.png", "throughput.png", "latency.png"]
