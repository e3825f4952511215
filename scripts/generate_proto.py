"""Generates proto/gen from proto/tidegate/v1. With --check: fails when what is committed is out of date."""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "proto"
TARGET = SOURCE / "gen"


def generate(target: Path) -> None:
    """Runs protoc over every file; raises SystemExit when it fails."""
    target.mkdir(parents=True, exist_ok=True)
    protos = sorted(str(path.relative_to(SOURCE)) for path in SOURCE.glob("tidegate/v1/*.proto"))
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    arguments = [f"-I{SOURCE}", f"-I{well_known}", f"--python_out={target}", f"--pyi_out={target}"]
    arguments.append(f"--grpc_python_out={target}")
    if protoc.main(["protoc", *arguments, *protos]) != 0:
        sys.exit("protoc failed")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if not parser.parse_args().check:
        generate(TARGET)
        return
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        fresh = {path.relative_to(scratch) for path in Path(scratch).rglob("*.py*")}
        stale = sorted(
            str(path)
            for path in fresh
            if not (TARGET / path).exists() or not filecmp.cmp(Path(scratch) / path, TARGET / path, shallow=False)
        )
        if stale:
            sys.exit(f"proto/gen is out of date ({', '.join(stale)}): run make proto")


if __name__ == "__main__":
    main()
