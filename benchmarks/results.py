"""What a benchmark leaves behind: one row per figure, in benchmarks/results/latest.json."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "latest.json"
FIELDS = {"name", "value", "unit", "baseline", "ratio", "command"}


@dataclass(frozen=True)
class Result:
    """One figure. `value`, `baseline`, `minimum` and `maximum` are in `unit`; `baseline` is what it is
    compared with (None: nothing), measured in the same run; `ratio` = value / baseline."""

    name: str
    value: float
    unit: str
    command: str
    baseline: float | None = None
    baseline_name: str = ""
    minimum: float | None = None
    maximum: float | None = None
    repetitions: int = 1
    target: str = ""
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Value over baseline."""
        return None if not self.baseline else self.value / self.baseline

    def row(self) -> dict[str, Any]:
        """As it is written down: the six fields that every row has first."""
        every = asdict(self)
        first = {"name": self.name, "value": self.value, "unit": self.unit, "baseline": self.baseline}
        first |= {"ratio": self.ratio, "command": self.command}
        return {key: round(item, 6) if isinstance(item, float) else item for key, item in (first | every).items()}


def summary(values: list[float]) -> dict[str, Any]:
    """The median with the smallest and largest of several repetitions, as arguments for Result."""
    return {
        "value": statistics.median(values),
        "minimum": min(values),
        "maximum": max(values),
        "repetitions": len(values),
    }


def write(results: list[Result], path: Path = RESULTS, *, afresh: bool = False) -> None:
    """Replaces the rows of the same names and keeps the others (`afresh`: only these), so that one benchmark can
    be run alone."""
    rows = {} if afresh else {row["name"]: row for row in read(path)}
    rows |= {result.name: result.row() for result in results}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(rows.values()), indent=1) + "\n")


def read(path: Path = RESULTS) -> list[dict[str, Any]]:
    """The rows of the last run; empty when there was none. Raises ValueError when a row lacks a field."""
    if not path.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text())
    for row in rows:
        if missing := FIELDS - row.keys():
            raise ValueError(f"{path.name}: {row.get('name', 'a row')} lacks {', '.join(sorted(missing))}")
    return rows


def amount(value: float | None, unit: str) -> str:
    """A figure for people: three or four digits and the unit."""
    if value is None:
        return "-"
    if unit in {"ms", "s"}:
        return f"{value:.2f} {unit}"
    if value >= 1_000_000:
        return f"{value / 1e6:.2f} M {unit}"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.2f} {unit}"


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = ["| benchmark | measured | beside | ratio | target |", "|---|---:|---|---:|---|"]
    for row in rows:
        beside = "-" if row["baseline"] is None else amount(row["baseline"], row["unit"])
        if row.get("baseline_name") and row["baseline"] is not None:
            beside = f"{row['baseline_name']}: {beside}"
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
        target = row.get("target") or "-"
        lines.append(f"| `{row['name']}` | {amount(row['value'], row['unit'])} | {beside} | {ratio} | {target} |")
    return "\n".join(lines)
