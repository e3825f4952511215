"""make bench: measures, writes benchmarks/results/latest.json and plots.

python -m benchmarks                      everything, a few minutes
python -m benchmarks --only core.match    one of them
python -m benchmarks --table              the last results as a Markdown table
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import host, results
from benchmarks.context import Context

# Name, module, progress steps per repetition and once.
BENCHMARKS = {
    "core.match": ("core_match", 2, 11),
    "core.quote": ("core_quote", 1, 0),
    "core.triggers": ("core_triggers", 1, 0),
    "shard.pipeline": ("pipeline", 2, 1),
    "grpc.batch": ("grpc_batch", 4, 2),
    "grpc.quote": ("mass_quote", 2, 2),
    "grpc.unary": ("grpc_unary", 2, 1),
    "fanout": ("fanout", 2, 0),
    "recovery": ("recovery", 1, 2),
    "subscribers": ("subscribers", 2, 0),
}


def main() -> int:
    """Runs what was asked for. Returns 1 when something could not be measured."""
    options = _options()
    if options.table:
        sys.stdout.write(results.table(results.read()) + "\n")
        return 0
    console = Console(stderr=True)
    chosen = [name for name in BENCHMARKS if not options.only or name.startswith(options.only)]
    if options.only and not chosen:
        chosen = [name for name in BENCHMARKS if options.only.startswith(name)]
    if not chosen:
        console.print(f"no benchmark is called {options.only}; there are {', '.join(BENCHMARKS)}")
        return 2
    failed = _run(chosen, options, console)
    if not options.no_write:
        results.RESULTS.with_name("host.json").write_text(json.dumps(host.facts(), indent=1) + "\n")
        from benchmarks import plots  # noqa: PLC0415 - matplotlib takes its time and is not needed by --table

        plots.write(results.read(), results.RESULTS.parent)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures Tidegate beside its peers.")
    parser.add_argument("--only", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}")
    parser.add_argument("--repetitions", type=int, default=5, help="interleaved repetitions; the median counts")
    parser.add_argument("--scale", type=float, default=1.0, help="less than 1 shortens every run")
    parser.add_argument("--table", action="store_true", help="print the last results as Markdown and measure nothing")
    parser.add_argument("--no-write", action="store_true", help="do not touch benchmarks/results")
    parser.add_argument("--profile", action="store_true", help="show where CPU time goes (with perf, when it is there)")
    return parser.parse_args()


def _run(chosen: list[str], options: argparse.Namespace, console: Console) -> bool:
    total = sum(BENCHMARKS[name][1] * options.repetitions + BENCHMARKS[name][2] for name in chosen)
    columns = TextColumn("{task.description:<58}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    failed = False
    afresh = not options.only
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("starting", total=total)

        def say(what: str) -> None:
            progress.update(task, description=what, advance=1)
            if not console.is_terminal:
                console.print(what)

        def show(lines: list[str]) -> None:
            for line in lines:
                console.print(line, highlight=False, soft_wrap=True, markup=False)

        context = Context(options.repetitions, options.scale, say, show, options.profile)
        for name in chosen:
            try:
                module = importlib.import_module(f"benchmarks.{BENCHMARKS[name][0]}")
                found = module.run(context)
            except Exception:  # one that fails must not take the others' results with it
                console.print_exception(max_frames=5)
                failed = True
                continue
            for result in found:
                show([results.table([result.row()]).splitlines()[-1], *([f"    {result.note}"] if result.note else [])])
            if not options.no_write:
                results.write(found, afresh=afresh)
                afresh = False
        progress.update(task, completed=total, description="done")
    return failed


if __name__ == "__main__":
    sys.exit(main())
