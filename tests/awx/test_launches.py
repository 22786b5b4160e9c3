# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates, launched in the AWX that configure.yml set up, with answers as people type them."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.awx.configuring import TEMPLATES
from tests.awx.controller import Controller, Object
from tests.awx.jobs import GUARDED, HERE, Job, Order, run
from tests.awx.launching import node_variables
from tests.awx.served import TOKEN, served
from tests.integration.support import Ansible
from tests.support import sshd
from tests.support.assets import Dam, logged_in
from tests.support.emulator import ROOT, Emulator, start_emulator

README = ROOT / "examples/awx/README.md"
WRITES = ("create", "update", "remove", "move", "checkin", "createFolder", "folder")
KEPT = {"elvis_in_container": False}
"""A variable of the template: these tests may run in a container themselves."""

Launch = Callable[..., Job]


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture
def awx(set_up: Controller) -> Controller:
    """An AWX that was set up."""
    return copy.deepcopy(set_up)


def posted(awx: Controller, name: str, content: Object) -> tuple[int, Object]:
    """Launch a template through the API, and return the answer."""
    template = awx.named("job_templates", name)
    return awx.answer("POST", f"job_templates/{template['id']}/launch/", {}, content)


@pytest.fixture
def launch(awx: Controller, installed: Ansible, server: Emulator) -> Launch:
    """Launches a template and returns its job, once that is over."""

    def launched(
        name: str,
        answers: Mapping[str, Any],
        job_type: str = "run",
        artifacts: Mapping[str, Any] | None = None,
        ansible: Ansible = installed,
        **more: Any,
    ) -> Job:
        status, answer = posted(awx, name, {"extra_vars": dict(answers), "job_type": job_type})
        assert (status, answer.get("ignored_fields")) == (201, {}), answer
        job = awx.jobs[-1]
        defaults: dict[str, Any] = {
            "inputs": {"server_url": server.url, "username": "alice", "password": "wonderland"},
            "variables": KEPT,
        }
        order = Order(
            job["template"]["playbook"],
            answers=node_variables(job["extra_vars"], artifacts or {}),
            job_type=job["job_type"],
            template=name,
            **{**defaults, **more},
        )
        return run(ansible, order)

    return launched


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"file {number}", encoding="utf-8")
    return folder


def filled(answers: Mapping[str, Any], inbox: Path) -> Object:
    """Return answers that name a folder of the test."""
    return {key: value.format(inbox=inbox) if isinstance(value, str) else value for key, value in answers.items()}


def asked(server: Emulator) -> set[str]:
    """Return the last parts of the paths that the server was asked for since it was told to forget."""
    return {str(request["path"]).rpartition("/")[2] for request in server.requests()}


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("Elvis: import", {"elvis_src": "{inbox}", "elvis_path": "/Demo Zone/Check", "elvis_min_age": 0}),
        ("Elvis: fleet import", {"elvis_src": "{inbox}/..", "elvis_path": "/Demo Zone/Check"}),
        ("Elvis: report", {"elvis_dest": "{inbox}/report.csv", "elvis_query": ""}),
        (
            "Elvis: request",
            {"elvis_path": "services/createFolder", "elvis_method": "POST", "elvis_parameters": "path: /X"},
        ),
    ],
)
def test_a_check_only_checks(
    name: str, answers: Mapping[str, Any], launch: Launch, server: Emulator, inbox: Path
) -> None:
    server.forget_requests()
    # The fleet's hosts are names of folders.
    hosts = {"inbox" if name == "Elvis: fleet import" else "localhost": HERE}
    job = launch(name, filled(answers, inbox), job_type="check", hosts=hosts)

    assert job.status == "successful", job.output
    assert not asked(server) & set(WRITES)
    assert not (inbox / "report.csv").exists()
    assert name != "Elvis: fleet import" or "/Demo Zone/Check/inbox at" in job.last_lines
    assert server.sessions() == []


def test_every_template_can_be_checked(awx: Controller) -> None:
    """By a launch, and by a node of a workflow, which AWX refuses where a launch is ignored."""
    for template in awx.objects["job_templates"].values():
        node = {"unified_job_template": template["id"], "job_type": "check"}
        status, answer = awx.answer("POST", "workflow_job_template_nodes/", {}, node)
        assert status == 201, (template["name"], answer)


def test_the_stand_in_ignores_what_is_not_prompted_for(awx: Controller) -> None:
    template = awx.named("job_templates", "Elvis: smoke")
    template["ask_job_type_on_launch"] = False
    status, answer = posted(awx, "Elvis: smoke", {"job_type": "check", "limit": "filer01", "extra_vars": {"x": "1"}})
    assert status == 201
    assert answer["ignored_fields"] == {"job_type": "check", "limit": "filer01", "extra_vars": {"x": "1"}}
    assert awx.jobs[-1]["job_type"] == "run"

    node = {"unified_job_template": template["id"], "job_type": "check", "skip_tags": "slow", "extra_data": {"x": "1"}}
    status, answer = awx.answer("POST", "workflow_job_template_nodes/", {}, node)
    assert (status, sorted(answer)) == (400, ["extra_data", "job_type", "skip_tags"])


@pytest.mark.parametrize(
    ("name", "answers", "problem"),
    [
        ("Elvis: import", {"elvis_path": "/Demo Zone/Inbox"}, "'elvis_src' value missing"),
        ("Elvis: import", {"elvis_src": "/srv", "elvis_path": ""}, "'elvis_path' value  is too small"),
        ("Elvis: import", {"elvis_src": "/srv", "elvis_path": "/Demo Zone", "elvis_rounds": "abc"}, "'elvis_rounds'"),
        ("Elvis: import", {"elvis_src": "/srv", "elvis_path": "/Demo Zone", "elvis_rounds": 0}, "'elvis_rounds'"),
        ("Elvis: import", {"elvis_src": "/srv", "elvis_path": "/Demo Zone", "elvis_min_age": -1}, "'elvis_min_age'"),
        ("Elvis: import", {"elvis_src": "/srv", "elvis_path": "/Demo Zone", "elvis_uploaded": "burn"}, "burn"),
        ("Elvis: report", {}, "'elvis_dest' value missing"),
        ("Elvis: report", {"elvis_dest": "/srv/a.csv", "elvis_delimiter": "x"}, "'elvis_delimiter'"),
        ("Elvis: request", {"elvis_method": "PUT"}, "'elvis_method'"),
    ],
)
def test_awx_itself_refuses(name: str, answers: Mapping[str, Any], problem: str, awx: Controller) -> None:
    status, answer = posted(awx, name, {"extra_vars": dict(answers)})

    assert status == 400
    assert problem in str(answer)
    assert awx.jobs == []


IMPORT = {"elvis_src": "/usr", "elvis_path": "/Demo Zone/Inbox"}
REPORT = {"elvis_dest": "/srv/report.csv"}


@pytest.mark.parametrize(
    ("name", "answers", "sentences"),
    [
        (
            "Elvis: import",
            {**IMPORT, "elvis_host": "filer01", "elvis_src": "inbox", "elvis_move_to": "done"},
            [
                "elvis_host is filer01, and the inventory has no such host. It has nas02.",
                "elvis_src is inbox, which is no absolute path. Set it to the folder to import",
                "elvis_move_to is done, which is no absolute path.",
                "elvis_ca_path is ca.pem, which is no absolute path. Set it to the file with your CA's certificate",
                "elvis_in_container is maybe. Set it to true or false.",
            ],
        ),
        (
            "Elvis: import",
            {**IMPORT, "elvis_path": "Demo Zone", "elvis_metadata": "status New", "elvis_metadata_src": "captions.csv"},
            [
                "elvis_path is Demo Zone, which is no absolute path.",
                'elvis_metadata has the line "status New". Set it to lines',
                "elvis_metadata_src is captions.csv, which is no absolute path.",
            ],
        ),
        (
            "Elvis: import",
            {
                **IMPORT,
                "elvis_metadata": "12:30",
                "elvis_uploaded": "move",
                "elvis_patterns": "1.10",
                "elvis_excludes": "0815",
            },
            [
                "elvis_metadata arrived as 750, which may not be what was typed.",
                "Set it to the folder on that machine that files go to once they are stored",
                "elvis_patterns arrived as 1.1, which",
                "Write a comma behind the pattern.",
            ],
        ),
        (
            "Elvis: report",
            {**REPORT, "elvis_host": "0815.5", "elvis_query": "012345", "elvis_fields": "1.10"},
            [
                "elvis_host arrived as 815.5, which may not be what was typed. Write a comma behind the name.",
                "To ansible-core 2.19 and later, an answer such as 012345",
                "elvis_query arrived as 5349, which",
                'Write it in quotes, such as "012345"',
                "Write a comma behind the name.",
            ],
        ),
        (
            "Elvis: report",
            {"elvis_dest": "report.csv", "elvis_query": "2026-11-30"},
            ["elvis_dest is report.csv, which is no absolute path.", "elvis_query arrived as 2026-11-30, which"],
        ),
        (
            "Elvis: request",
            {"elvis_path": "12:30", "elvis_parameters": "q: a\nq: b"},
            ["elvis_path arrived as 750, which", "elvis_parameters has two lines with the same name."],
        ),
        (
            "Elvis: fleet import",
            {"elvis_src": "inbox", "elvis_path": "Fleet", "elvis_metadata": "New"},
            ["elvis_src is inbox", "elvis_path is Fleet", 'elvis_metadata has the line "New"'],
        ),
    ],
)
def test_an_answer_that_cannot_be_right_is_in_the_last_lines(
    name: str, answers: Mapping[str, Any], sentences: list[str], launch: Launch, server: Emulator
) -> None:
    server.forget_requests()
    variables = {"elvis_ca_path": "ca.pem", "elvis_in_container": "maybe"}
    job = launch(name, answers, hosts={"localhost": HERE, "nas02": HERE}, variables=variables)

    assert job.status == "failed"
    shown = job.last_lines.replace('\\"', '"')
    for sentence in sentences:
        assert sentence in shown, shown
    assert server.requests() == []


def test_what_is_not_on_the_machine_is_in_the_last_lines(launch: Launch, server: Emulator) -> None:
    server.forget_requests()
    answers = {**IMPORT, "elvis_src": "/no/inbox", "elvis_uploaded": "move", "elvis_move_to": "/no/done"}
    job = launch("Elvis: import", answers, variables={**KEPT, "elvis_ca_path": "/no/ca.pem"})

    assert job.status == "failed"
    assert "Not on localhost: /no/inbox and /no/ca.pem and /no/done. Correct the path" in job.last_lines
    assert server.requests() == []


@pytest.mark.parametrize("name", ["Elvis: smoke", "Elvis: report"])
def test_a_limit_that_leaves_nothing_to_do(name: str, launch: Launch, server: Emulator) -> None:
    """Ansible alone would say that no hosts matched, and end well."""
    server.forget_requests()
    answers = {**REPORT, "elvis_host": ""} if name == "Elvis: report" else {}
    job = launch(name, answers, hosts={"localhost": HERE, "nas02": HERE}, limit="nas02")

    assert job.status == "failed"
    assert "This works on localhost, which the limit nas02 leaves out. Run this without a limit." in job.last_lines
    assert server.requests() == []


def test_a_group_without_hosts(launch: Launch, server: Emulator) -> None:
    server.forget_requests()
    job = launch("Elvis: import", {**IMPORT, "elvis_host": "all"}, hosts={})

    assert job.status == "failed"
    assert "elvis_host is all, a group of the inventory without a host." in job.last_lines
    assert server.requests() == []


def test_an_import_of_nothing_says_so(launch: Launch, inbox: Path) -> None:
    answers = {"elvis_src": str(inbox), "elvis_path": "/Demo Zone/None", "elvis_patterns": "*.nothing"}
    job = launch("Elvis: import", answers)

    assert job.status == "successful", job.output
    assert f"There is no file in {inbox} that elvis_patterns and elvis_excludes let through." in job.last_lines


def test_answers_arrive_as_they_were_typed(launch: Launch, server: Emulator, inbox: Path) -> None:
    lines = {"headline": "0123", "description": "12:30", "credit": "1.10", "copyright": "yes", "status": "a: b"}
    lines |= {"title": '"0123"', "source": "{{ 7 * 7 }}", "instructions": "# no comment", "city": "~"}
    answers = {
        "elvis_src": f"  {inbox} ",
        "elvis_path": " /Demo Zone/Typed ",
        "elvis_metadata": "\n".join(f"{name}: {value}" for name, value in lines.items()),
        "elvis_excludes": "1.*\n*.psd\n",
        "elvis_patterns": "",
        "elvis_min_age": 0,
    }
    job = launch("Elvis: import", answers)

    assert job.status == "successful", job.output
    assert "/Demo Zone/Typed at" in job.last_lines
    assert "2 created" in job.last_lines
    dam = Dam(server)
    found = dam.metadata('ancestorPaths:"/Demo Zone/Typed"')
    dam.leave()
    assert sorted(found) == ["/Demo Zone/Typed/0.txt", "/Demo Zone/Typed/2.txt"]
    for fields in found.values():
        assert lines.items() <= fields.items()

    # What set_stats left is a variable of the next node of a workflow, whatever its template prompts for.
    imported = job.artifacts["elvis_imported"]
    assert (imported["created"], imported["reason"]) == (2, "")
    assert 0 < imported["seconds"] < 600
    (inbox / "012").write_text("a name that is a number", encoding="utf-8")
    following = launch("Elvis: import", {**answers, "elvis_patterns": "012,"}, artifacts=job.artifacts)
    assert following.status == "successful", following.output
    assert "1 created" in following.last_lines


@pytest.mark.parametrize(("query", "host"), [("", "localhost"), ('"012345"', "0815,")])
def test_a_query_that_is_no_field_and_a_host_whose_name_is_a_number(
    query: str, host: str, launch: Launch, server: Emulator, tmp_path: Path
) -> None:
    with logged_in(server) as dam:
        dam.create("/Zone/012345.jpg", headline="012345")
        dam.create("/Zone/b.jpg")
        everything = len(dam.ids())
    dest = tmp_path / "report.csv"
    answers = {"elvis_dest": str(dest), "elvis_query": query, "elvis_fields": "assetPath,", "elvis_host": host}
    job = launch("Elvis: report", answers, hosts={"localhost": HERE, "0815": HERE})

    assert job.status == "successful", job.output
    lines = dest.read_text(encoding="utf-8").splitlines()[1:]
    assert lines == ["/Zone/012345.jpg"] if "0" in query else len(lines) == everything


@pytest.mark.parametrize("number", [1, 2, 750])
def test_a_failed_import_says_why_in_its_last_lines(number: int, launch: Launch, inbox: Path) -> None:
    for name in range(number):
        (inbox / f"bad?{name}.txt").touch()
    job = launch("Elvis: import", {"elvis_src": str(inbox), "elvis_path": "/Demo Zone/Bad", "elvis_min_age": 0})

    assert job.status == "failed"
    assert job.artifacts["elvis_imported"]["reason"] == "bad_request"
    (last,) = (event for event in job.events if event["event"] == "runner_on_failed")
    told = last["event_data"]["res"]["msg"][:900]
    files = f"{number} failed"
    for words in ("bad_request", "its name has ?", files, "3 ", "run this again", "import_failed.md"):
        assert words in told
        assert words in job.last_lines


@pytest.mark.parametrize(
    ("name", "answers"),
    [("Elvis: import", IMPORT), ("Elvis: report", {"elvis_dest": "/usr/a.csv"}), ("Elvis: smoke", {})],
)
def test_a_password_that_is_refused_is_in_the_last_lines(
    name: str, answers: Mapping[str, Any], launch: Launch, server: Emulator
) -> None:
    job = launch(name, answers, inputs={"server_url": server.url, "username": "alice", "password": "outdated"})

    assert job.status == "failed"
    assert "alice" in job.last_lines
    assert "refused" in job.last_lines
    assert "outdated" not in job.output


def test_what_was_left_out_says_why(launch: Launch, inbox: Path) -> None:
    job = launch("Elvis: import", {"elvis_src": str(inbox), "elvis_path": "/Demo Zone/Young"})

    assert job.status == "successful", job.output
    assert "3 skipped. Skipped: 0.txt: younger than 60 s, it may still be arriving; 1.txt" in job.last_lines


def test_several_sessions_are_counted_together(launch: Launch, inbox: Path) -> None:
    for number in range(3, 8):
        (inbox / f"{number}.txt").write_text(f"file {number}", encoding="utf-8")
    answers = {"elvis_src": str(inbox), "elvis_path": "/Demo Zone/Long", "elvis_min_age": 0, "elvis_rounds": 20}
    with start_emulator("--token-lifetime", "4", "--latency", "400") as slow:
        inputs = {"server_url": slow.url, "username": "alice", "password": "wonderland"}
        job = launch("Elvis: import", answers, inputs=inputs, variables={**KEPT, "elvis_concurrency": 1})

        assert job.status == "successful", job.output
        assert ", in 1 session" not in job.last_lines
        assert "sessions: 8 created." in job.last_lines
        assert slow.sessions() == []


def folders_below(parent: Path) -> Callable[[], Path]:
    """Return what makes the folders of jobs there: 0, 1 for the worker, which a container has as /runner, and 2."""

    def new_folder() -> Path:
        # A worker's folder is gone with its job.
        folder = parent / str(max((int(there.name) for there in parent.iterdir()), default=-1) + 1)
        folder.mkdir()
        return folder

    return new_folder


def test_a_folder_that_is_gone_with_the_job(
    launch: Launch, installed: Ansible, server: Emulator, tmp_path: Path
) -> None:
    """The job's own folder is mounted into the container, and removed after the job."""
    server.forget_requests()
    job = launch(
        "Elvis: report",
        {"elvis_dest": f"{tmp_path}/1/project/report.csv"},
        ansible=replace(installed, new_folder=folders_below(tmp_path)),
        variables={"elvis_in_container": True},
    )

    assert job.status == "failed"
    assert "project is in a container, and would vanish with it" in job.last_lines
    assert "set elvis_in_container to false" in job.last_lines
    assert server.requests() == []
    assert not (tmp_path / "1").exists()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, str]]:
    """A server with a certificate that only its own CA vouches for, and the certificate of that CA."""
    ca, folder = trustme.CA(), tmp_path_factory.mktemp("certificate")
    issued = ca.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    options = ("--tls-cert", str(folder / "certificate.pem"), "--tls-key", str(folder / "key.pem"))
    with start_emulator(*options) as emulator:
        yield emulator, ca.cert_pem.bytes().decode()


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, sshd.Sshd]]:
    """A folder for containers, and a machine that is reached over SSH and sees nothing of them."""
    if reason := sshd.missing():
        pytest.skip(reason)
    containers = tmp_path_factory.mktemp("containers")
    hidden = sshd.hiding(containers)
    if subprocess.run([*hidden, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespace can be made here (unshare --mount)")
    with sshd.start_sshd(tmp_path_factory.mktemp("ssh"), hidden) as machine:
        yield containers, machine


@pytest.mark.parametrize(
    ("name", "answers", "job_type", "sentence"),
    [
        ("Elvis: import", {**IMPORT, "elvis_src": "{inbox}", "elvis_min_age": 0}, "run", "4 created"),
        ("Elvis: import", {**IMPORT, "elvis_src": "{inbox}/new", "elvis_min_age": 0}, "check", "1 created"),
        ("Elvis: report", {"elvis_dest": "{inbox}/report.csv"}, "run", "The list is in"),
        ("Elvis: report", {"elvis_dest": "{inbox}/report.csv"}, "check", "report.csv would be written"),
    ],
)
def test_a_ca_that_only_the_container_has(
    name: str,
    answers: Mapping[str, Any],
    job_type: str,
    sentence: str,
    launch: Launch,
    installed: Ansible,
    far: tuple[Path, sshd.Sshd],
    secure: tuple[Emulator, str],
    inbox: Path,
) -> None:
    """It is brought to the machine for the run."""
    (containers, machine), (server, ca) = far, secure
    (inbox / "new").mkdir()
    (inbox / "new/one.txt").touch()
    server.forget_requests()
    job = launch(
        name,
        {**filled(answers, inbox), "elvis_host": "far"},
        job_type=job_type,
        ansible=replace(installed, new_folder=folders_below(containers)),
        inputs={"server_url": server.url, "username": "alice", "password": "wonderland", "ca_certificate": ca},
        # One connection a task instead of four.
        hosts={"localhost": HERE, "far": {**machine.variables, "ansible_pipelining": True}},
        environment={**GUARDED, "ANSIBLE_REMOTE_TMP": str(inbox.parent / "remote")},
    )

    assert job.status == "successful", job.output
    assert sentence in job.last_lines
    assert bool(asked(server) & set(WRITES)) is (job_type == "run" and name == "Elvis: import")
    assert (inbox / "report.csv").exists() is (job_type == "run" and name == "Elvis: report")
    assert server.sessions() == []
    assert list(machine.temporary.glob("elvis-ca-*")) == []


@pytest.mark.parametrize("is_right", [False, True])
def test_a_ca_that_the_template_names(
    is_right: bool, launch: Launch, secure: tuple[Emulator, str], tmp_path: Path
) -> None:
    """It counts, and that of the credential does not."""
    server, ca = secure
    wrong = trustme.CA().cert_pem.bytes().decode()
    named = tmp_path / "ca.pem"
    named.write_text(ca if is_right else wrong, encoding="utf-8")
    job = launch(
        "Elvis: report",
        {"elvis_dest": f"{tmp_path}/report.csv"},
        inputs={
            "server_url": server.url,
            "username": "alice",
            "password": "wonderland",
            "ca_certificate": wrong if is_right else ca,
        },
        variables={**KEPT, "elvis_ca_path": f" {named} "},
    )

    assert (job.status == "successful") is is_right, job.output
    assert ("issued by a CA that is not trusted here" in job.last_lines) is not is_right


def test_the_launch_of_the_page(awx: Controller, installed: Ansible, server: Emulator) -> None:
    """What examples/awx/README.md gives to curl is done."""
    if not shutil.which("curl"):
        pytest.skip("no curl here")
    (command,) = re.findall(r"```shell\n(curl .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    template = awx.named("job_templates", "Elvis: request")
    with served(awx) as url:
        done = subprocess.run(
            ["sh", "-c", command.replace("/12/", f"/{template['id']}/")],
            env={"PATH": os.environ["PATH"], "no_proxy": "*", "CONTROLLER_HOST": url, "CONTROLLER_OAUTH_TOKEN": TOKEN},
            check=True,
            capture_output=True,
            text=True,
        )
    assert json.loads(done.stdout)["ignored_fields"] == {}
    answers = awx.jobs[-1]["extra_vars"]
    # What is missing of the survey gets its default.
    assert answers["elvis_method"] == "GET"
    inputs = {"server_url": server.url, "username": "alice", "password": "wonderland"}
    job = run(installed, Order(template["playbook"], inputs, answers))

    assert job.status == "successful", job.output
    assert "totalHits" in str(job.result_of("Show the answer"))


def test_the_templates_are_those_of_the_file(awx: Controller) -> None:
    assert [one["name"] for one in awx.objects["job_templates"].values()] == [one["name"] for one in TEMPLATES]
