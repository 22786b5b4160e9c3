# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the execution environment with the collection of this checkout, as far as this machine can.

ansible-builder says what the collection needs, and makes the build context. Where a container engine answers, it builds
the image too, and the smoke test runs in it: against an emulated server, or the one that ELVIS_SERVER_URL names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tools import collection, demo
from tools.collection import CACHE, ROOT
from tools.programs import Failed, run

DEFINITION = ROOT / "execution-environment.yml"
FOLDER = CACHE / "ee"
IMAGE = "damops-elvis-ee"
ENGINES = ("podman", "docker")
GUARD = "ENV ANSIBLE_CALLBACKS_ENABLED=damops.elvis.session_guard"
SMOKE = ("ansible-playbook", "damops.elvis.smoke")
PASSED_ON = ("ELVIS_SERVER_URL", "ELVIS_USERNAME", "ELVIS_PASSWORD", "ELVIS_CRED", "ELVIS_VALIDATE_CERTS")


def requirements(folder: Path) -> list[str]:
    """Return which Python packages ansible-builder finds that the collection needs."""
    tree = folder / "collections"
    collection.copy(tree)
    written = folder / "requirements.txt"
    written.unlink(missing_ok=True)
    run("ansible-builder", "introspect", "--write-pip", written, tree)
    lines = written.read_text(encoding="utf-8").splitlines() if written.exists() else []
    return [line.partition("#")[0].strip() for line in lines]


def context(folder: Path) -> Path:
    """Have ansible-builder make a build context, with the collection of this checkout, and return the Containerfile."""
    artifact = collection.build(folder / "artifact")
    definition: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    definition["additional_build_files"] = [{"src": str(artifact), "dest": "collections"}]
    # Below _build, which is where the image installs from.
    inside = f"collections/{artifact.name}"
    definition["dependencies"]["galaxy"] = {"collections": [{"name": inside, "type": "file"}]}
    ours = folder / DEFINITION.name
    ours.write_text(yaml.safe_dump(definition, sort_keys=False), encoding="utf-8")
    made = folder / "context"
    shutil.rmtree(made, ignore_errors=True)
    run("ansible-builder", "create", "--file", ours, "--context", made, "--output-filename", "Containerfile")
    if not (made / "_build" / inside).is_file():
        raise Failed(f"{made} does not hold the collection")
    return made / "Containerfile"


def check(folder: Path = FOLDER) -> Path:
    """Make the build context, and see that it is as it should be; return the Containerfile."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    declared = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = [line for line in declared if line and not line.startswith("#")]
    if (found := requirements(folder)) != needed:
        raise Failed(f"ansible-builder finds that the collection needs {found}, requirements.txt says {needed}")
    containerfile = context(folder)
    if GUARD not in containerfile.read_text(encoding="utf-8").splitlines():
        raise Failed(f"{containerfile} lacks the line: {GUARD}")
    return containerfile


def engine() -> str | None:
    """Name the container engine that answers."""
    for name in ENGINES:
        if shutil.which(name) and subprocess.run([name, "info"], check=False, capture_output=True).returncode == 0:
            return name
    return None


def build(name: str, containerfile: Path) -> None:
    """Build the image."""
    command = [name, "build", "--tag", IMAGE, "--file", str(containerfile), str(containerfile.parent)]
    subprocess.run(command, check=True)


def smoke(name: str) -> None:
    """Run the smoke test in the image."""
    if url := os.environ.get("ELVIS_SERVER_URL"):
        print(f"Using the server that ELVIS_SERVER_URL names: {url}", flush=True)
        run_in_image(name, dict(os.environ))
        return
    demo.FOLDER.mkdir(parents=True, exist_ok=True)
    with demo.emulated_server() as url:
        run_in_image(name, {**os.environ, **demo.for_emulated_server(url)})


def run_in_image(name: str, environment: dict[str, str]) -> None:
    # The engine reads the values from its own environment: they are in no argument list.
    passed_on = [f"--env={variable}" for variable in PASSED_ON if environment.get(variable)]
    command = [name, "run", "--rm", "--network=host", *passed_on, IMAGE, *SMOKE]
    print(f"\n$ {' '.join(command)}", flush=True)
    subprocess.run(command, env=environment, check=True)


def main() -> None:
    try:
        containerfile = check()
    except Failed as error:
        sys.exit(str(error))
    print(f"ansible-builder made {containerfile.relative_to(ROOT)}", flush=True)
    name = engine()
    if not name:
        print("No container engine answers here (podman, docker), so the image was not built and not tried.")
        return
    try:
        build(name, containerfile)
        smoke(name)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd)} ended with {error.returncode}, see above.")
    print(f"The image is {IMAGE}.")


if __name__ == "__main__":
    main()
