"""The package as others install it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_wheel_holds_both_halves_of_the_namespace(tmp_path: Path) -> None:
    """Python, compiled core, contract, client and the default configuration: all in one wheel."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", str(ROOT)]
    subprocess.run([*command, "--wheel-dir", str(tmp_path)], check=True)
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    wanted = ["tidegate/ops/main.py", "tidegate/ops/default.toml", "tidegate/v1/types_pb2.py"]
    wanted += ["tidegate_client/__init__.py"]
    assert [name for name in wanted if name not in names] == []
    for half in ("wire/_wire.", "engine/_engine."):
        assert [name for name in names if name.startswith(f"tidegate/{half}") and name.endswith(".so")]
