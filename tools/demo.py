# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the collection at work: installs it as a user would, and runs the example playbook.

It starts an emulated Elvis server for that, unless ELVIS_SERVER_URL names another one; then ELVIS_USERNAME and
ELVIS_PASSWORD, or ELVIS_CRED, say who logs in there. Arguments go to ``ansible-playbook``.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools import collection
from tools.collection import BIN, CACHE, ROOT

FOLDER = CACHE / "demo"
PLAYBOOK = "examples/session.yml"
READY = re.compile(r"listening on (http://\S+)")
SECONDS_TO_START = 30


def install() -> Path:
    """Build and install the collection; return the folder that Ansible finds it in."""
    artifact = collection.build(FOLDER / "artifact")
    collections = FOLDER / "collections"
    command = ["ansible-galaxy", "collection", "install", "--force", "-p", str(collections), str(artifact)]
    # Ansible would warn of a folder that it doesn't know yet.
    known = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
    done = subprocess.run([BIN / command[0], *command[1:]], env=known, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    print(f"Installed {artifact.name} into {collections.relative_to(ROOT)}", flush=True)
    return collections


@contextmanager
def emulated_server() -> Iterator[str]:
    """Start the emulated server of this checkout on a free port, and stop it whatever happens."""
    log = FOLDER / "server.log"
    command = [sys.executable, "-u", "-m", "elvis_emulator", "serve", "--port", "0"]
    with running_server(command, log, ROOT / "emulator") as url:
        print(f"Started an emulated Elvis server on {url} (log: {log.relative_to(ROOT)})", flush=True)
        yield url


@contextmanager
def running_server(
    command: Sequence[str | Path], log: Path, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Start an emulated server in a folder, yield its address, and stop it whatever happens."""
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C is for the playbook, which may still want to log out.
            start_new_session=True,
        )
    try:
        yield wait_until_ready(server, log)
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_ready(server: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        text = log.read_text(encoding="utf-8")
        if found := READY.search(text):
            return found[1]
        if server.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit(f"The emulated server did not start:\n{log.read_text(encoding='utf-8')}")


def play(collections: Path, environment: dict[str, str]) -> int:
    """Run the example playbook and return its exit code."""
    command = ["ansible-playbook", PLAYBOOK, *sys.argv[1:]]
    print(f"\n$ {' '.join(command)}", flush=True)
    playbook = subprocess.Popen(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env=os.environ
        | environment
        | {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            # The example needs no inventory; Ansible would warn that there is none.
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        },
    )
    try:
        return playbook.wait()
    finally:
        # After a Ctrl-C it ends by itself, as it got that too; a termination is passed on.
        if playbook.poll() is None:
            playbook.terminate()
            playbook.wait()


def for_emulated_server(url: str) -> dict[str, str]:
    """Say where and as whom to log in, and that no proxy is on the way."""
    bypass = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1"]))
    environment = {"ELVIS_SERVER_URL": url, "NO_PROXY": bypass, "no_proxy": bypass}
    if "ELVIS_CRED" not in os.environ:
        environment["ELVIS_USERNAME"] = os.environ.get("ELVIS_USERNAME", "alice")
        environment["ELVIS_PASSWORD"] = os.environ.get("ELVIS_PASSWORD", "wonderland")
    return environment


def main() -> int:
    # So that everything that was started is also stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        collections = install()
        if url := os.environ.get("ELVIS_SERVER_URL"):
            print(f"Using the server that ELVIS_SERVER_URL names: {url}", flush=True)
            return play(collections, {})
        with emulated_server() as url:
            return play(collections, for_emulated_server(url))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
