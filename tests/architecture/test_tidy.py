"""House rules that a machine can hold: small rooms, a README per folder, nothing left open."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_MAX = 500
FOLDERS = ["proto", "native", "tests", "scripts", "benchmarks", "docs", "deploy", "client"]
PACKAGES = ["gateway", "wire", "engine", "risk", "marketdata", "history", "ops"]


def tracked(*suffixes: str) -> list[Path]:
    """Files under version control, or all files of a checkout without it."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listing.stdout.decode().split("\0") if listing.returncode == 0 else []
    paths = [ROOT / name for name in names if name] or [path for path in ROOT.rglob("*") if ".venv" not in path.parts]
    return [path for path in paths if path.suffix in suffixes and path.is_file() and "gen" not in path.parts]


def test_files_are_small_rooms() -> None:
    """No source file has more than 500 lines."""
    large = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in tracked(".py", ".hpp", ".cpp")}
    assert [name for name, lines in large.items() if lines > LINES_MAX] == []


@pytest.mark.parametrize("folder", [*FOLDERS, *(f"tidegate/{name}" for name in PACKAGES)])
def test_every_top_folder_says_what_it_is_for(folder: str) -> None:
    """A README per top folder."""
    assert (ROOT / folder / "README.md").is_file()


@pytest.mark.parametrize(
    ("folder", "readme"),
    [
        *((f"tidegate/{name}", f"tidegate/{name}") for name in [*PACKAGES, "ops/replay"]),
        ("client/tidegate_client", "client"),
        ("scripts", "scripts"),
        ("tests/venues", "tests/venues"),
    ],
)
def test_a_readme_names_every_module(folder: str, readme: str) -> None:
    """What each room is for, and none that is gone."""
    named = set(re.findall(r"^\| .*$", (ROOT / readme / "README.md").read_text(), re.MULTILINE))
    names = {name for row in named for name in re.findall(r"`(\w+\.py)`", row.split("|")[1])}
    assert names == {path.name for path in (ROOT / folder).glob("*.py")} - {"__init__.py"}


def test_nothing_is_left_open() -> None:
    """No marker of unfinished work, in code or in documents."""
    marker = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    found = [path for path in tracked(".py", ".hpp", ".cpp", ".proto", ".md") if marker.search(path.read_text())]
    assert found == []


def test_no_path_of_a_machine_is_committed() -> None:
    """Absolute home or work paths belong to one machine and to no commit."""
    marker = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")
    found = [
        path
        for path in tracked(".py", ".hpp", ".cpp", ".proto", ".md", ".toml", ".json")
        if marker.search(path.read_text())
    ]
    assert found == []
