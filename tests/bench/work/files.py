# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that are sent, and the tables with their metadata."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZE = 4096


@dataclass(frozen=True)
class Files:
    """A tree of files of 4 kB, and the table with their metadata."""

    folder: Path
    table: Path
    count: int

    @classmethod
    def make(cls, place: Path, count: int) -> Files:
        folder, table = place / "tree", place / "captions.csv"
        with table_file(table, "path", "headline", "credit") as rows:
            for number in range(count):
                path = Path(f"{number // 100:03}", f"file {number:05}.jpg")
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(os.urandom(SIZE))
                rows.writerow([path, f"Headline {number}", "Bench"])
        return cls(folder, table, count)


@contextmanager
def table_file(path: Path, *headings: str) -> Iterator[Any]:
    """Write a CSV file with these headings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(headings)
        yield rows


def change_headlines(report: Path, table: Path) -> None:
    """Write a table with another headline for each asset of a report."""
    with report.open(encoding="utf-8-sig", newline="") as source:
        read = list(csv.DictReader(source))
    with table_file(table, "id", "headline") as rows:
        rows.writerows([row["id"], f"Changed {number}"] for number, row in enumerate(read))


def sparse(folder: Path, count: int, size: int) -> Path:
    """Make files that have a size and take no room; return their folder."""
    folder.mkdir(parents=True)
    for number in range(count):
        with (folder / f"large {number}.bin").open("wb") as file:
            file.truncate(size)
    return folder
