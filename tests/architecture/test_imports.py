"""Who may import whom, as each package's README says, and where the private native modules are named."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Package -> packages of ours that it may import. `v1` is the generated contract.
MAY_IMPORT = {
    "wire": set[str](),
    "engine": {"wire"},
    "gateway": {"wire", "v1"},
    "risk": {"wire", "v1"},
    "marketdata": {"wire", "v1"},
    "history": {"wire", "v1"},
    "ops": {"wire", "v1", "engine", "gateway", "risk", "marketdata", "history", "client"},
    "client": {"v1"},
}
# Of another process's package, ops may take its entry point, its settings and what it offers offline.
ENTRY_MODULES = {"main", "config", "errors", "verify", "snapshotter", "ledger"}
# Compiled module -> the one file that imports it.
NATIVE_HOME = {"tidegate.wire._wire": "tidegate/wire/native.py", "tidegate.engine._engine": "tidegate/engine/core.py"}


def folders() -> dict[str, Path]:
    """Where each package's source is."""
    inside = {name: ROOT / "tidegate" / name for name in MAY_IMPORT if name != "client"}
    return {**inside, "client": ROOT / "client" / "tidegate_client"}


def imports(path: Path) -> set[str]:
    """Dotted names that a file imports, `from x import y` as "x.y"."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def package_of(name: str) -> str | None:
    """Which of our packages a dotted name belongs to, None for a foreign one."""
    parts = name.split(".")
    if parts[0] == "tidegate_client":
        return "client"
    return parts[1] if parts[0] == "tidegate" and len(parts) > 1 else None


def violations(package: str, path: Path, names: set[str]) -> list[str]:
    """What a file imports and may not."""
    wrong = []
    for name in sorted(names):
        target = package_of(name)
        if target is None or target == package:
            continue
        if target not in MAY_IMPORT[package]:
            wrong.append(f"{path.relative_to(ROOT)} imports {name}")
        elif target not in {"wire", "v1", "client"} and name.split(".")[2] not in ENTRY_MODULES:
            wrong.append(f"{path.relative_to(ROOT)} imports {name}, which is no entry point")
    return wrong


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_the_design_allows(package: str) -> None:
    """gateway, engine, risk and marketdata import wire and never each other."""
    files = sorted(folders()[package].rglob("*.py"))
    assert files, package
    assert [line for path in files for line in violations(package, path, imports(path))] == []


def test_the_check_sees_a_forbidden_import() -> None:
    """A canary: the check above is able to fail."""
    path = ROOT / "tidegate" / "gateway" / "main.py"
    assert violations("gateway", path, {"tidegate.engine.core.Shard"})
    assert violations("ops", path, {"tidegate.engine.loop.Loop"})
    assert not violations("ops", path, {"tidegate.engine.main.main"})


def test_native_modules_are_imported_in_one_place_each() -> None:
    """Everybody else goes through wire/native.py and engine/core.py."""
    for path in (ROOT / "tidegate").rglob("*.py"):
        for name in imports(path):
            for module, home in NATIVE_HOME.items():
                if name == module or name.startswith(module + "."):
                    assert str(path.relative_to(ROOT)) == home, f"{path} imports {module}"


def test_only_the_bindings_include_nanobind() -> None:
    """The core stays usable without Python."""
    for path in (ROOT / "native").rglob("*.[hc]pp"):
        if path.parent.name != "bindings":
            assert "nanobind" not in path.read_text(), path
