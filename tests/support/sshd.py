# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that is reached over SSH: this one, through an OpenSSH server that only a key of its own opens."""

from __future__ import annotations

import getpass
import os
import shutil
import socketserver
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.serving import serving

# Debian keeps it where only root's PATH leads.
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
SEPARATION = Path("/run/sshd")
"""An empty folder that sshd insists on when it is root's; Debian's service makes it at each boot."""


def missing() -> str:
    """Name what is not installed, empty when all is there."""
    if not SSHD:
        return "no OpenSSH server is installed (Debian: openssh-server)"
    return "" if shutil.which("ssh") else "no OpenSSH client is installed (Debian: openssh-client)"


@dataclass(frozen=True)
class Sshd:
    """A running server, for the user who runs the tests."""

    folder: Path
    port: int

    @property
    def temporary(self) -> Path:
        """What commands there have as TMPDIR, so that tests side by side don't find each other's files."""
        return self.folder / "tmp"

    @property
    def variables(self) -> dict[str, object]:
        """What Ansible needs to know of it as a host."""
        return self.variables_with()

    def variables_with(self, **more: object) -> dict[str, object]:
        """Return these variables where ssh is given further options, or others."""
        options = {
            "UserKnownHostsFile": self.folder / "known_hosts",
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            # Or a connection would stay open for a minute.
            "ControlMaster": "no",
            **more,
        }
        return {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self.folder / "user"),
            "ansible_ssh_args": "-F none " + " ".join(f"-o {name}={value}" for name, value in options.items()),
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }


def hiding(folder: Path) -> list[str]:
    """Return the start of a command that sees nothing of a folder: each connection finds it empty. Only root can."""
    return ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(folder)]


@contextmanager
def start_sshd(folder: Path, prefix: Sequence[str] = ()) -> Iterator[Sshd]:
    """Listen on a free port, and run a server for each connection; its keys and its configuration are in ``folder``.

    :param prefix: a command that runs the server, such as ``hiding``
    """
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    (folder / "tmp").mkdir()
    config = _configure(folder)
    if os.geteuid() == 0:
        SEPARATION.mkdir(mode=0o755, exist_ok=True)
    servers: list[subprocess.Popen[bytes]] = []

    class ConnectionOptions(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            command = [*prefix, SSHD or "", "-i", "-e", "-f", str(config)]
            with (
                (folder / "log").open("ab") as log,
                subprocess.Popen(command, stdin=self.request, stdout=self.request, stderr=log) as server,
            ):
                servers.append(server)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), ConnectionOptions) as listener:
        port = listener.server_address[1]
        host_key = (folder / "host.pub").read_text(encoding="utf-8")
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}", encoding="utf-8")
        try:
            with serving(listener):
                yield Sshd(folder, port)
        finally:
            for server in servers:
                server.terminate()


def _configure(folder: Path) -> Path:
    settings = {
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "user.pub",
        "AuthenticationMethods": "publickey password",
        "PermitRootLogin": "prohibit-password",
        "StrictModes": "no",
        "UsePAM": "no",
        "Subsystem": "sftp internal-sftp",
        "SetEnv": f"TMPDIR={folder / 'tmp'}",
    }
    config = folder / "sshd_config"
    config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    return config
