"""The results as pictures (PNG), beside latest.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

OURS, THEIRS = "#1f6f8b", "#b8c4cc"


def write(rows: list[dict[str, Any]], directory: Path) -> list[Path]:
    """Draws what there are rows for; returns the files."""
    by_name = {row["name"]: row for row in rows}
    written = []
    for name, draw in (("core", _core), ("throughput", _throughput), ("latency", _latency)):
        figure = draw(by_name)
        if figure is not None:
            path = directory / f"{name}.png"
            figure.savefig(path, dpi=110, bbox_inches="tight")
            plt.close(figure)
            written.append(path)
    return written


def _bars(axes: Axes, labels: list[str], values: list[float], ours: list[bool], unit: str) -> None:
    positions = range(len(labels))
    bars = axes.barh(list(positions), values, color=[OURS if own else THEIRS for own in ours])
    axes.set_yticks(list(positions), labels)
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.bar_label(bars, fmt="%.2f", padding=3)
    axes.margins(x=0.15)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _core(rows: dict[str, dict[str, Any]]) -> Any:
    """Books side by side, on both flows."""
    flows = [name for name in ("core.match", "core.match.swing") if name in rows]
    if not flows:
        return None
    figure, every = plt.subplots(1, len(flows), figsize=(6 * len(flows), 3), squeeze=False)
    for axes, name in zip(every[0], flows, strict=True):
        peers = rows[name]["details"]["peers"]
        figures = {"tidegate": rows[name]["value"]} | {peer: row["value"] for peer, row in peers.items()}
        ranked = sorted(figures, key=lambda book: -figures[book])
        values = [figures[book] / 1e6 for book in ranked]
        _bars(axes, ranked, values, [book == "tidegate" for book in ranked], "million operations per second")
        axes.set_title(name)
    figure.tight_layout()
    return figure


def _throughput(rows: dict[str, dict[str, Any]]) -> Any:
    """Each stage of the way of an order, beside its baseline."""
    names = [name for name in ("shard.pipeline", "grpc.batch.64", "grpc.batch.200", "recovery") if name in rows]
    if not names:
        return None
    labels: list[str] = []
    values: list[float] = []
    ours: list[bool] = []
    for name in names:
        labels.append(name)
        values.append(rows[name]["value"] / 1e6)
        ours.append(True)
        if rows[name]["baseline"]:
            labels.append(rows[name].get("baseline_name") or "baseline")
            values.append(rows[name]["baseline"] / 1e6)
            ours.append(False)
    figure, axes = plt.subplots(figsize=(8, 0.45 * len(labels) + 1))
    _bars(axes, labels, values, ours, "million per second")
    return figure


def _latency(rows: dict[str, dict[str, Any]]) -> Any:
    """One order, answered when it is durable, beside a bare echo."""
    names = [name for name in ("grpc.unary.p50", "grpc.unary.p99") if name in rows]
    if not names:
        return None
    labels = [label for name in names for label in (name, f"echo {name.rsplit('.', 1)[1]}")]
    values = [value for name in names for value in (rows[name]["value"], rows[name]["baseline"])]
    figure, axes = plt.subplots(figsize=(8, 0.45 * len(labels) + 1))
    _bars(axes, labels, values, [True, False] * len(names), "milliseconds")
    return figure
