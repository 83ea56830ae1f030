"""The engine stays pure: it can't look anything up, because it imports nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import refunds.policy
from accounts import minor_units

MODULES = [
    Path(minor_units.__file__),
    *sorted(Path(refunds.policy.__file__).parent.glob("*.py")),
]
CLOCKS = {"now", "today", "utcnow"}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_a_policy_module_imports_only_python_and_its_own(module: Path) -> None:
    for name in imported(ast.parse(module.read_text(encoding="utf-8"))):
        own = name == "refunds.policy" or name.startswith("refunds.policy.")
        own |= name == "accounts.minor_units"
        assert own or name.split(".")[0] in sys.stdlib_module_names, name


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_a_policy_module_reads_no_clock_and_has_no_float(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Attribute) and node.attr in CLOCKS)
        assert not (isinstance(node, ast.Name) and node.id == "float")
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))


BLOCKED = """
import pkgutil, sys
for name in ("django", "celery", "chinese_calendar"):
    sys.modules[name] = None
import refunds.policy
for module in pkgutil.iter_modules(refunds.policy.__path__, "refunds.policy."):
    __import__(module.name)
from refunds.policy.rules import load_defaults
print(len(load_defaults()), len([m for m in sys.modules if "refunds.policy." in m]))
"""


def test_the_whole_package_works_where_django_is_not_there() -> None:
    """In a process of its own: what another module brings along counts too."""
    ran = subprocess.run(
        [sys.executable, "-c", BLOCKED],
        cwd=Path(refunds.policy.__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.split() == ["5", str(len(MODULES) - 2)]
