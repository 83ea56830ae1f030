"""`make bench`: runs every benchmark, prints the table, writes docs/benchmarks.md.

Each module here named bench_* has `figures()`, on an empty, migrated database.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

import django
from django.test.utils import setup_databases, teardown_databases

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. A ratio compares two things in one run on one machine, so it
means more than its seconds. Medians; two cores, PostgreSQL.

| what | seconds | reference | seconds | ratio | to reach | reached |
| --- | ---: | --- | ---: | ---: | --- | --- |
"""


def main(only: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    names = only or sorted(path.stem for path in HERE.glob("bench_*.py"))
    rows = [row for name in names for row in measured(name)]
    lines = [line(row) for row in rows]
    sys.stdout.write(HEAD + "\n".join(lines) + "\n")
    if not only:
        TABLE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return 0 if all(row["reached"] for row in rows) else 1


def measured(name: str) -> list[dict[str, object]]:
    sys.stderr.write(f"{name} …\n")
    made = setup_databases(verbosity=0, interactive=False)
    try:
        figures: list[dict[str, object]] = import_module(
            f"tests.bench.{name}"
        ).figures()
    finally:
        teardown_databases(made, verbosity=0)
    return figures


def line(row: dict[str, object]) -> str:
    reached = "yes" if row["reached"] else "**no**"
    return (
        f"| {row['what']} | {row['ours_seconds']:.2f} | {row['reference']} "
        f"| {row['reference_seconds']:.2f} | {row['ratio']:.2f} | {row['target']} "
        f"| {reached} |"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
