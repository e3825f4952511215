"""The shape of benchmarks/results/latest.json."""

import json

import pytest

from benchmarks.results import FIELDS, RESULTS, Result, read, summary, table, write


def sample(name: str, value: float) -> Result:
    """A row with a baseline."""
    return Result(name, value, "orders/s", "python -m benchmarks", baseline=200.0, baseline_name="echo")


def test_a_row_has_the_six_fields_first() -> None:
    """name, value, unit, baseline, ratio, command, whatever else follows."""
    row = sample("grpc.batch.64", 100.0).row()
    assert list(row)[:6] == ["name", "value", "unit", "baseline", "ratio", "command"]
    assert row["ratio"] == 0.5
    assert Result("alone", 1.0, "s", "x").row()["ratio"] is None


def test_running_one_benchmark_keeps_the_rows_of_the_others(tmp_path) -> None:
    """--only replaces its own rows and nothing else."""
    path = tmp_path / "latest.json"
    write([sample("a", 1.0), sample("b", 2.0)], path)
    write([sample("b", 3.0)], path)
    assert {row["name"]: row["value"] for row in read(path)} == {"a": 1.0, "b": 3.0}


def test_a_row_that_lacks_a_field_is_refused(tmp_path) -> None:
    """A damaged results file is not shown as if it were whole."""
    path = tmp_path / "latest.json"
    path.write_text(json.dumps([{"name": "a", "value": 1}]))
    with pytest.raises(ValueError, match="lacks baseline, command"):
        read(path)


def test_the_committed_results_have_the_schema() -> None:
    """What the README's table is made from."""
    for row in read(RESULTS):
        assert row.keys() >= FIELDS
        assert isinstance(row["value"], int | float)
        assert row["ratio"] is None or row["baseline"]


def test_the_median_is_reported_with_the_extremes() -> None:
    """Repetitions on a noisy machine: the middle one counts, the spread is kept."""
    assert summary([3.0, 1.0, 9.0]) == {"value": 3.0, "minimum": 1.0, "maximum": 9.0, "repetitions": 3}


def test_the_table_is_markdown() -> None:
    """One line per row, with the baseline's name."""
    text = table([sample("grpc.batch.64", 1_500_000.0).row()])
    assert "| `grpc.batch.64` | 1.50 M orders/s | echo: 200 orders/s | 7500.00 | - |" in text
