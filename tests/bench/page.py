# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the page docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.emulator import ASSETS
from tests.bench.markdown import table
from tests.bench.measure import Figures
from tests.bench.scenarios import CHEAP_TASKS, DEAR_ITEMS, DEAR_TASKS, HOSTS, ITEMS, LOOPS
from tests.bench.table import NO, UNCLEAR, Row

TEXT = """\
<!--
Copyright (c) 2026, the damops.elvis authors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# What a task costs

`make bench` writes this page. Machines differ: look at the comparisons rather than at the seconds.

{table}

Each figure is the median of {rounds} rounds, with the lowest and the highest in brackets. Comparisons were made within
each round.

## How it was measured

On a machine with {machine}, with {ansible}. Its load when it began was {load:.1f}.

- The collection was built and installed as a user does it. The server is the emulated one of `emulator`, on the
  same machine: these are the costs of the way to a server, not those of a server.
- In each round every playbook ran once, one after the other, so that whatever else the machine did hit all of them.
- One task: the time of a playbook with many of them, less that of an empty playbook, divided by their number. There
  were {cheap}, or {dear} where each starts a process. They are separate tasks, not a loop. What is loaded once for all
  of them, such as the library `requests`, is included.
- Over https, the server has a certificate of a CA that was made in the run. It stands in a file behind those that
  come with `requests`, and the environment names that file (`SSL_CERT_FILE`), or the option `ca_path`.
- Over http, the environment names the server (`ELVIS_SERVER_URL`), as it does for PowerShell: no CAs are read then.
- The loop had {items} items and ran {loops} times, and one had {dear_items} with `ansible.builtin.uri`. Each item logs
  out of a session that is over already: one request, and the same answer for both.
- The {hosts} hosts are names for the same machine. The whole playbook was timed.
- Peak memory comes from one more run. It is the highest sum of what all processes of the playbook had at one moment,
  looked at every 20 ms (the proportional set size, by which shared memory counts once).
- The files are full of zeros, and one run each was timed, with the eyes on its memory.
- The server counted the connections, requests and sessions.

## Where the time of a login goes

First, what any task costs, `ansible.builtin.assert` too: Ansible forks a worker, works out the task's options and
variables, and shows the result. Then, the work inside the action. Its parts, from a profile in the worker (Python's
`cProfile`), each with all that it calls in turn:

{shares}

A worker starts as a copy of the playbook process, and whatever it touches first has to be copied, page by page, which
takes 3 to 4 microseconds each. So code that runs only once in a worker is dear, and an item of a loop costs far less
than a task: its worker is warm, and the connection is open. Counted once (Python 3.11, ansible-core 2.19), beside the
3,200 pages of an `assert`: Python's `http.client` touches 180 more, the adapter of `requests` that the collection uses
690, `requests.post` 870, and a login of the collection 1,100. An action of ten lines that calls nothing but that
adapter takes 1.4 times as long as an `assert`, and one that calls `requests.post` stands beside it in the table: no
task that uses `requests` gets below that.

Tried, and kept: the TLS context is made before Ansible forks, the garbage collector leaves alone what a worker inherits
and what is there once the collection is imported, and rests meanwhile, no `Session` of `requests` and no preparing of
its own, secrets looked for in an answer only in forms that they can have. Tried, and left: prebuilt validators of
options and a first request before Ansible forks, which gain nothing, and a thread for time-outs, which is slower than
time-outs of the socket.

A playbook's first login also waits for imports: `requests` with what it needs takes about half of that time, the
collection a quarter, and the reading of the CAs another. Ansible compiles a collection anew in each run; this one keeps
its [byte code](execution.md#byte-code), which spares each playbook but the first some 40 ms. The CAs are read unless
the environment names a server that speaks no TLS, before workers are forked: reading them in each worker would cost
each task that time.

An item of a loop spends 1.6 ms in the action: half of that is the exchange with the server, a tenth Ansible's
validation of the options, a twentieth the choice of where to run, and the rest many small steps. An action that does
nothing takes 0.15 ms longer an item than `debug`. 50 hosts are 100 tasks: what holds for a login holds for them.

## Where the time of a task on the target goes

Ansible starts five shells and a Python for it. That Python gets the module, and all it needs but `requests`, as source,
and compiles that again in each task. What is imported takes, by `python -X importtime`, which costs time itself:

{imports}

`ansible.builtin.uri` has its own way to speak HTTP in ansible-core's part. What only a failure needs is imported as
well; without it, a login would take some 9 ms less. It is not left for later: the guard's process has the same files,
and the folder that they come from may be gone by then.

## The work between login and logout

The same jobs by one task of the collection, by a loop in PowerShell, and, for uploads, by a bare client of `requests`
with as many connections. Each had an emulated server of its own on the same machine, and they took turns, in one round.
What it takes to start and to log in and out is taken off each, but where it says that it is the whole program: there,
most of it is Ansible's own start, as the playbook of three `assert` shows. The comparisons count. Large files are full
of zeros that take no room on the disk, so that it is not the disk that is measured; the one that came back was not.

{work}

## How fast the emulated server is

It must never be what is measured. A sender of plain sockets with two connections kept it busy, with {assets:,} assets
in it; the median of {rounds} rounds. What a second of its processor yields tells more than the clock when the machine
has other work. `python -m tests.bench.emulator --against CHECKOUT` puts the server of another checkout beside it.

{emulated}
"""

FAILED = """
## What was not reached, or not for certain

{rows}

The profiles above tell where the time goes. Where nothing can be told apart, the comparisons of some rounds were on the
one side of the goal, and of others on the other.
"""


def render(
    rows: Sequence[Row], figures: Figures, program: Path, rounds: int, load: float, parts: Mapping[str, str]
) -> str:
    """Return the whole page.

    :param rows: of all tables that have something to reach
    :param parts: the tables, by the names of the parts
    """
    page = TEXT.format(
        table=parts["tasks"],
        rounds=rounds,
        machine=f"{os.cpu_count()} cores ({platform.system()}, {platform.machine()})",
        ansible=_versions(program),
        load=load,
        assets=ASSETS,
        emulated=parts["emulator"],
        work=parts["work"],
        cheap=CHEAP_TASKS,
        dear=DEAR_TASKS,
        items=ITEMS,
        loops=LOOPS,
        dear_items=DEAR_ITEMS,
        hosts=HOSTS,
        shares=table([("part", "where"), *((f"{share:.0%}", place) for place, share in figures.shares.items())]),
        imports=_imports(figures.imports["on target"], figures.imports["uri"]),
    )
    missed = [
        f"- {row.what}: {row.compared or row.ours}; to reach: {row.goal}"
        for row in rows
        if row.reached in (NO, UNCLEAR)
    ]
    return page + (FAILED.format(rows="\n".join(missed)) if missed else "")


def _imports(ours: Mapping[str, float], theirs: Mapping[str, float]) -> str:
    lines = [(place, *(f"{1000 * imported[place]:.0f} ms" for imported in (ours, theirs))) for place in ours]
    return table([("what", "`elvis_login`", "`ansible.builtin.uri`"), *lines])


def _versions(program: Path) -> str:
    shown = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    core, python = re.search(r"\[core (\S+)\]", shown), re.search(r"python version = (\S+)", shown)
    assert core, shown
    assert python, shown
    return f"ansible-core {core[1]} on Python {python[1]}"
