# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``python -m tests.bench --help``."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests.bench import emulator, page
from tests.bench.markdown import table
from tests.bench.measure import Bench
from tests.bench.table import HEADINGS, rows
from tests.integration.support import install_collection
from tests.support.emulator import start_emulator
from tools.collection import BIN, ROOT


def main() -> None:
    given = _read_arguments()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name, start_emulator() as server:
        folder = Path(name)
        figures = Bench(given.ansible_playbook, install_collection(folder), server, folder).measure(given.rounds)
    # Beside playbooks it would only measure how two things share a machine.
    with start_emulator() as server:
        emulated = emulator.table(emulator.measure({emulator.OURS: server}, given.rounds)[emulator.OURS])
    measured = list(rows(figures))
    print(table([HEADINGS, *measured]))
    given.page.parent.mkdir(exist_ok=True)
    text = page.render(measured, figures, given.ansible_playbook, given.rounds, load, emulated)
    given.page.write_text(text, encoding="utf-8")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure what tasks cost.")
    parser.add_argument(
        "--ansible-playbook",
        type=Path,
        default=BIN / "ansible-playbook",
        metavar="PATH",
        help="of the ansible-core to measure with (default: the one of this environment)",
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--page",
        type=Path,
        default=ROOT / "docs/performance.md",
        metavar="FILE",
        help="where the page goes (default: docs/performance.md)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
