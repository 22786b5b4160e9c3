# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program gets the session on its standard input and nowhere else, and what it prints does not show it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.command import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._work import program
from tests.support.emulator import ROOT
from tests.support.operations import COOKIE, fail, run
from tests.support.powershell import find_powershell

TOKEN = "eyJhbGciOiJIUzI1NiJ9." + "eyJ1c2VyIjoiYWxpY2UifQ.c2lnbmF0dXJl-of_alice0123456789"
SERVER = "https://dam.example.com/app"
SESSION: Mapping[str, Any] = {
    "server_url": SERVER,
    "auth_method": "bearer",
    "auth_token": TOKEN,
    "username": "alice",
    "expires_at": "2026-11-22T11:14:08Z",
}
COOKIES: Mapping[str, Any] = {"server_url": SERVER, **COOKIE}
READ_IN_SHELL = 'read -r given && test "${#given}" = {length} && ! read -r more'


TOKEN_IN_PYTHON = "import json, sys; T = json.load(sys.stdin)['auth_token']; "
"""How code that prints the token gets it: no argument may hold it."""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


# --- What it reads


def test_python_reads_the_token() -> None:
    digest = hashlib.sha256(f"{TOKEN}\n".encode()).hexdigest()
    code = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    assert run(OPERATION, session=SESSION, argv=python(code), stdin_format="token")["stdout"] == digest


def test_python_reads_the_session() -> None:
    done = run(OPERATION, session=SESSION, argv=python("import json, sys; print(list(json.load(sys.stdin)))"))
    assert "'server_url', 'auth_method', 'auth_token', 'csrf_token', 'cookie'" in done["stdout"]


@pytest.mark.parametrize("session", [SESSION, {**SESSION, "username": "Jürgen Ōta"}, COOKIES])
def test_the_json_is_the_session_on_one_line_of_ascii(session: Mapping[str, Any], tmp_path: Path) -> None:
    run(OPERATION, session=session, argv=["sh", "-c", "cat > given"], chdir=str(tmp_path))
    given = (tmp_path / "given").read_text(encoding="ascii")
    assert given.endswith("}\n")
    assert given.count("\n") == 1
    read = json.loads(given)
    assert {name: read[name] for name in session} == session
    assert "simulated" not in read
    own = {"Authorization": f"Bearer {TOKEN}"} if session["auth_method"] == "bearer" else {"Cookie": COOKIE["cookie"]}
    assert read["headers"].items() >= own.items()


def test_headers_of_a_gateway_are_among_those_it_gets() -> None:
    extra_headers = {"X-Gateway-Key": "key-of-the-gateway"}
    code = "import json, sys; print(json.load(sys.stdin)['headers'])"
    done = run(OPERATION, session=SESSION, extra_headers=extra_headers, argv=python(code))
    assert done["stdout"] == "{'X-Gateway-Key': '********', 'Authorization': 'Bearer ********'}"


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_a_shell_reads_one_line(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    argv = [shell, "-c", READ_IN_SHELL.replace("{length}", str(len(TOKEN)))]
    assert run(OPERATION, session=SESSION, argv=argv, stdin_format="token")["rc"] == 0


@pytest.mark.parametrize("stdin_format", ["json", "token"])
def test_powershell_reads_one_line(stdin_format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_powershell()
    monkeypatch.setenv("XDG_CACHE_HOME", str(ROOT / ".cache"))
    script = tmp_path / "read.ps1"
    session = {**dict.fromkeys(_KEYS), **SESSION, "headers": {"Authorization": f"Bearer {TOKEN}"}}
    expected = TOKEN if stdin_format == "token" else json.dumps(session)
    (tmp_path / "expected").write_text(expected, encoding="utf-8")
    reading = "$given = [Console]::In.ReadLine(); $more = [Console]::In.ReadLine()\n"
    script.write_text(
        f"{reading}if ($given -cne (Get-Content expected) -or $null -ne $more) {{ $given; exit 1 }}\n",
        encoding="utf-8",
    )
    argv = ["pwsh", "-NoProfile", "-NonInteractive", "-File", str(script)]
    done = run(OPERATION, session=SESSION, argv=argv, chdir=str(tmp_path), stdin_format=stdin_format)
    assert (done["rc"], done["stdout"]) == (0, "")


_KEYS = ("server_url", "auth_method", "auth_token", "csrf_token", "cookie", "username", "server_version", "expires_at")


def test_a_bare_token_makes_a_session() -> None:
    argv = python("import json, sys; print(json.load(sys.stdin)['server_url'])")
    assert run(OPERATION, server_url=SERVER, auth_token=TOKEN, argv=argv)["stdout"] == SERVER


def test_cookies_without_a_token_are_no_token() -> None:
    session = {**COOKIES, "auth_token": None}
    error = fail(OPERATION, session=session, argv=["true"], stdin_format="token")
    assert error.reason == "bad_request"
    assert "Use json" in error.message


# --- Where it is not


def test_nobody_sees_the_token_in_a_list_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ELVIS_PASSWORD", "ELVIS_CRED", "MINE"):
        monkeypatch.setenv(name, f"{TOKEN}-of-{name}" if name == "MINE" else "wonderland")
    monkeypatch.setenv("ELVIS_USERNAME", "alice")
    look = "cat /proc/$$/cmdline /proc/$$/environ > seen"
    run(OPERATION, session=SESSION, argv=["sh", "-c", look], chdir=str(tmp_path))
    seen = (tmp_path / "seen").read_bytes()
    assert b"ELVIS_USERNAME=alice" in seen
    for hidden in (TOKEN.encode(), b"wonderland", b"ELVIS_PASSWORD", b"ELVIS_CRED", b"MINE"):
        assert hidden not in seen
    assert os.environ["ELVIS_PASSWORD"] == "wonderland"


def test_it_leaves_no_file(tmp_path: Path) -> None:
    run(OPERATION, session=SESSION, argv=["true"], chdir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argv", [["echo", TOKEN], ["echo", f"-Token:{TOKEN}"], [TOKEN]])
def test_a_token_among_the_arguments_is_refused(argv: list[str]) -> None:
    error = fail(OPERATION, session=SESSION, argv=argv)
    assert error.reason == "bad_request"
    assert "on its standard input" in error.message


def test_a_password_of_a_proxy_is_no_matter_here() -> None:
    assert run(OPERATION, session=SESSION, argv=["true"], proxy="http://a:b@proxy.example.com:3128")["rc"] == 0


# --- What it prints


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print(T)", "********"),
        ("print(f'Bearer {T}.')", "Bearer ********."),
        ("print(T.upper())", "********"),
        ("import base64; print(base64.b64encode(T.encode()).decode())", "********"),
        # What PowerShell does with a long value in a list, and in a table.
        (
            "print('auth_token : ' + T[:40] + '\\n             ' + T[40:])",
            "auth_token : ********\n             ********",
        ),
        ("print(T[:30] + '…')", "********…"),
        ("print(T[20:60], 'of', T[20:60])", "******** of ********"),
        ("print(T[:10])", TOKEN[:10]),
        # In two blocks, whatever is between them in time.
        (
            "import time; sys.stdout.write(T[:40]); sys.stdout.flush(); time.sleep(.2); print(T[40:])",
            "********",
        ),
        ("import sys; sys.stdout.buffer.write(b'M\\xfcller \\xc3\\xbc')", "M\ufffdller ü"),
        ("print('a\\r\\n\\n')", "a"),
        ("print()", ""),
        ("pass", ""),
    ],
)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_is_shown_of_it(code: str, shown: str, stream: str) -> None:
    to_stderr = "sys.stdout = sys.stderr; " if stream == "stderr" else ""
    done = run(OPERATION, session=SESSION, argv=python(TOKEN_IN_PYTHON + to_stderr + code))
    other = "stdout" if stream == "stderr" else "stderr"
    assert (done[stream], done[other]) == (shown, "")
    assert done[f"{stream}_lines"] == shown.splitlines()


def test_a_cookie_is_masked_and_a_short_one_shreds_nothing() -> None:
    session = {**COOKIES, "cookie": f"{COOKIES['cookie']}; lang=1"}
    code = "import json, sys; s = json.load(sys.stdin); print(s['cookie'], s['cookie'][-22:-8], s['csrf_token'], 1)"
    assert run(OPERATION, session=session, argv=python(code))["stdout"] == "******** ******** ******** 1"


SIZE = 2 * program.MOST_AT_EACH_END


@pytest.mark.parametrize("size", [SIZE - 1, SIZE, SIZE + 1, 2 * SIZE, 5 * SIZE + 7])
def test_what_is_too_much_has_a_beginning_and_an_end(size: int) -> None:
    code = f"import sys; sys.stdout.write('first ' + 'x' * ({size} - 11) + ' last')"
    done = run(OPERATION, session=SESSION, argv=python(code))
    stdout = done["stdout"]
    assert (stdout[:6], stdout[-5:]) == ("first ", " last")
    if size <= SIZE:
        assert len(stdout) == size
        assert "warnings" not in done
    else:
        assert f"\n... {size - SIZE} bytes are left out ...\n" in stdout
        assert len(stdout) < SIZE + 100
        assert "the middle of its stdout is left out" in done["warnings"][0]


@pytest.mark.parametrize("before", [8, 15, 16, 24, 60])
def test_a_token_at_the_edge_of_what_is_left_out(before: int) -> None:
    half = program.MOST_AT_EACH_END
    middle = half + len(TOKEN)
    code = f"sys.stdout.write('x' * ({half} - {before}) + T + 'y' * {middle} + T + 'z' * ({half} - {before}))"
    stdout = run(OPERATION, session=SESSION, argv=python(TOKEN_IN_PYTHON + code))["stdout"]
    begin, _mark, end = stdout.partition("\n... ")
    assert set(begin) <= set("x*")
    assert set(end.partition("...\n")[2]) <= set("z*")


@pytest.mark.parametrize(
    "code",
    [
        # Before it reads, more than a pipe holds.
        "import sys; print('x' * 131072); sys.stdin.read()",
        "import sys; print('x' * 131072, file=sys.stderr); print('x' * 131072); sys.stdin.read()",
        # It never reads.
        "print('x' * 131072)",
        "import os; os.close(0); print('x' * 131072)",
    ],
)
def test_it_is_read_and_written_at_once(code: str) -> None:
    session = {**SESSION, "username": "u" * 200_000}
    done = run(OPERATION, session=session, argv=python(code))
    assert (done["rc"], len(done["stdout"])) == (0, 131072)


def test_it_may_close_its_output_and_go_on(tmp_path: Path) -> None:
    code = "import os, time; os.close(1); os.close(2); time.sleep(.5); open('done', 'w')"
    run(OPERATION, session=SESSION, argv=python(code), chdir=str(tmp_path))
    assert (tmp_path / "done").exists()


def test_it_has_no_terminal() -> None:
    error = fail(OPERATION, session=SESSION, argv=["sh", "-c", "exec < /dev/tty"])
    assert error.done["rc"] != 0
    assert "/dev/tty" in error.done["stderr"]


# --- How it ends


@pytest.mark.parametrize(
    ("code", "rc", "words"),
    [
        ("import sys; sys.exit(3)", 3, "it ended with 3."),
        ("import sys; print('no'); sys.exit('it\\n  broke')", 1, "it ended with 1. The last it printed: it broke"),
        ("raise SystemExit('not\\nit\\n  broke\\n| twice')", 1, "The last it printed: it broke | twice"),
        ("print('so it is'); raise SystemExit(2)", 2, "it ended with 2. The last it printed: so it is"),
        ("import os; os.kill(os.getpid(), 9)", -9, "it was ended by SIGKILL."),
        ("import os; os.kill(os.getpid(), 40)", -40, "it was ended by signal 40."),
        (f"{TOKEN_IN_PYTHON}raise SystemExit(T + ' is wrong')", 1, "The last it printed: ******** is wrong"),
        ("raise SystemExit('x' * 9999)", 1, "x" * 500),
    ],
)
def test_another_status_than_0_is_a_failure(code: str, rc: int, words: str) -> None:
    error = fail(OPERATION, session=SESSION, argv=python(code))
    assert error.reason == "program"
    assert words in error.message
    assert len(error.message) < 800
    assert (error.done["rc"], error.done["changed"]) == (rc, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"argv": ["no-such-program"]}, "The program no-such-program can't be used"),
        ({"argv": ["/etc"]}, "permission denied"),
        ({"argv": ["./script"]}, "exec format error"),
        ({"argv": ["pwsh -File a.ps1"]}, "argv is a list"),
        ({"argv": ["true"], "chdir": "/no/such/folder"}, "The folder /no/such/folder of chdir can't be used"),
        ({"argv": ["true"], "chdir": "/etc/passwd"}, "not a directory"),
        ({"argv": ["true", "a\0b"]}, "no program can get such an argument"),
        ({"argv": ["true", "\ud83d"]}, "no program can get such an argument"),
        ({"argv": ["true", "x" * 4_000_000]}, "argument list too long"),
    ],
)
def test_a_program_that_can_not_be_started(options: dict[str, Any], words: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_bytes(b"\0\1\2")
    script.chmod(0o755)
    error = fail(OPERATION, session=SESSION, **{"chdir": str(tmp_path), **options})
    assert error.reason == "program"
    assert words in error.message
    assert "Nothing was run" in error.message


@pytest.mark.parametrize("argv", [[], [""]])
def test_no_program(argv: list[str]) -> None:
    assert fail(OPERATION, session=SESSION, argv=argv).reason == "bad_request"


def is_running(pid: int) -> bool:
    """Tell whether a process is there; one that has ended and was not waited for is not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def wait_until_ended(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


@pytest.mark.parametrize("ignores", ["", "trap '' TERM; "])
def test_a_child_that_keeps_the_output_open(ignores: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "SECONDS_TO_FALL_SILENT", 0.2)
    monkeypatch.setattr(program, "SECONDS_TO_END", 0.2)
    script = f"({ignores}echo started; while :; do sleep 0.2; done) & echo $! > child; sleep 0.1"
    done = run(OPERATION, session=SESSION, argv=["sh", "-c", script], chdir=str(tmp_path))
    assert (done["rc"], done["stdout"]) == (0, "started")
    assert "kept its output open, so its process group was ended" in done["warnings"][0]
    assert "may go on running" not in done["warnings"][0]
    assert wait_until_ended(int((tmp_path / "child").read_text()))


@pytest.mark.parametrize("talks", ["sleep 60", "while :; do echo x; sleep 0.05; done", "exec 1>&-; sleep 60"])
def test_a_child_of_another_group_that_keeps_the_output_open(
    talks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "SECONDS_TO_FALL_SILENT", 0.2)
    script = f"setsid sh -c 'echo $$ > child; {talks}' & while [ ! -s child ]; do sleep 0.02; done"
    done = run(OPERATION, session=SESSION, argv=["sh", "-c", script], chdir=str(tmp_path))
    child = int((tmp_path / "child").read_text())
    try:
        (warning,) = done["warnings"]
        assert is_running(child)
        assert "its process group was ended. A process outside of that group" in warning
        assert "was ended too" not in warning
    finally:
        os.killpg(child, signal.SIGKILL)


def test_a_child_that_prints_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "SECONDS_TO_FALL_SILENT", 0.2)
    argv = ["sh", "-c", "yes & echo $! > child"]
    done = run(OPERATION, session=SESSION, argv=argv, chdir=str(tmp_path))
    assert len(done["warnings"]) == 2
    assert wait_until_ended(int((tmp_path / "child").read_text()))


def test_a_child_that_prints_elsewhere_goes_on(tmp_path: Path) -> None:
    argv = ["sh", "-c", "sleep 30 > /dev/null 2>&1 < /dev/null & echo $! > child"]
    done = run(OPERATION, session=SESSION, argv=argv, chdir=str(tmp_path))
    child = int((tmp_path / "child").read_text())
    try:
        assert "warnings" not in done
        assert is_running(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_what_is_broken_off_leaves_no_process(tmp_path: Path) -> None:
    """A time-out of the task, or Ctrl-C, raises in the middle; a program that ignores the request is ended anyway."""
    argv = ["sh", "-c", "trap '' TERM; echo $$ > program; sleep 60 & echo $! > child; yes"]
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run(OPERATION, session=SESSION, argv=argv, chdir=str(tmp_path))
    timer.join()
    for name in ("program", "child"):
        assert wait_until_ended(int((tmp_path / name).read_text()))


# --- Check mode


@pytest.mark.parametrize("simulated", [False, True])
def test_check_mode_runs_nothing(simulated: bool, tmp_path: Path) -> None:
    session = {**SESSION, "simulated": simulated}
    argv = ["touch", "made"]
    done = run(OPERATION, session=session, argv=argv, chdir=str(tmp_path), check_mode=True)
    assert list(tmp_path.iterdir()) == []
    assert done == {
        "msg": "Check mode: touch was not run.",
        "changed": True,
        "rc": 0,
        "stdout": "",
        "stdout_lines": [],
        "stderr": "",
        "stderr_lines": [],
        **({"simulated": True} if simulated else {}),
    }


def test_the_keys_are_those_of_a_run() -> None:
    argv = ["true"]
    checked, done = (run(OPERATION, session=SESSION, argv=argv, check_mode=check) for check in (True, False))
    assert list(checked) == list(done)
