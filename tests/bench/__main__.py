# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``python -m tests.bench --help``."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests.bench import emulator, matching, members, page
from tests.bench.limits import make_certificates
from tests.bench.markdown import table
from tests.bench.measure import Bench
from tests.bench.table import HEADINGS, rows
from tests.bench.work import jobs as work, large
from tests.bench.work.table import rows as rows_of_work
from tests.integration.support import install_collection
from tests.support.emulator import start_emulator
from tools.collection import BIN, ROOT

PARTS = ("tasks", "work", "emulator")


def main() -> None:
    given = _read_arguments()
    load = os.getloadavg()[0]
    text = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        collections = install_collection(folder)
        if "tasks" in given.parts:
            certificate, bundle = make_certificates(folder)
            with start_emulator() as server, start_emulator("--tls-cert", str(certificate)) as secure:
                bench = Bench(given.ansible_playbook, collections, server, secure, bundle, folder)
                figures = bench.measure(given.rounds)
            measured = list(rows(figures))
            text["tasks"] = table([HEADINGS, *measured])
            print(text["tasks"], flush=True)
        if "work" in given.parts:
            done = work.measure(given.ansible_playbook, collections, folder, given.count, given.large)
            _certificate, bundle = make_certificates(folder)
            files = min(matching.FILES, given.count)
            place = folder / "matching"
            matched = matching.measure(given.ansible_playbook, collections, place, bundle, files)
            collected = members.measure(
                given.ansible_playbook, collections, folder / "members", bundle, min(members.MEMBERS, given.count)
            )
            measured_work = [*rows_of_work(done), *matching.rows(matched), *members.rows(collected)]
            text["work"] = table([HEADINGS, *measured_work])
            print(text["work"], flush=True)
    if "emulator" in given.parts:
        # Beside playbooks it would only measure how two things share a machine.
        with start_emulator() as server:
            text["emulator"] = emulator.table(emulator.measure({emulator.OURS: server}, given.rounds)[emulator.OURS])
        print(text["emulator"], flush=True)
    if set(given.parts) == set(PARTS):
        given.page.parent.mkdir(exist_ok=True)
        written = page.render([*measured, *measured_work], figures, given.ansible_playbook, given.rounds, load, text)
        given.page.write_text(written, encoding="utf-8")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure what tasks cost.")
    parser.add_argument(
        "parts",
        nargs="*",
        choices=[*PARTS, []],
        metavar="PART",
        default=[],
        help=f"what to measure, of {', '.join(PARTS)}; the page is written only when all of it is (the default)",
    )
    parser.add_argument(
        "--ansible-playbook",
        type=Path,
        default=BIN / "ansible-playbook",
        metavar="PATH",
        help="of the ansible-core to measure with (default: the one of this environment)",
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--count", type=int, default=work.COUNT, metavar="N", help="of files and rows of metadata; default: %(default)s"
    )
    parser.add_argument(
        "--large", type=int, default=large.SIZE, metavar="BYTES", help="of a large file; default: %(default)s"
    )
    parser.add_argument(
        "--page",
        type=Path,
        default=ROOT / "docs/performance.md",
        metavar="FILE",
        help="where the page goes (default: docs/performance.md)",
    )
    given = parser.parse_args()
    given.parts = given.parts or list(PARTS)
    return given


if __name__ == "__main__":
    main()
