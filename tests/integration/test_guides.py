# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of docs/guides: a check of each playbook tells the truth, and its script leaves a server as it does."""

from __future__ import annotations

import csv
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.integration.support import Ansible, Run
from tests.support.assets import Dam
from tests.support.emulator import ROOT, Emulator, start_emulator
from tests.support.powershell import run_script
from tests.support.relations import related
from tests.support.transfers import write_files

EXAMPLES = ROOT / "examples"
GUIDES = ROOT / "docs/guides"
ALICE = {"ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
ADMIN = {"ELVIS_USERNAME": "admin", "ELVIS_PASSWORD": "changemenow"}
SEED = {
    "Demo Zone/Archive/old.txt": "published long ago",
    "Demo Zone/Archive/new.txt": "published today",
    "Demo Zone/Archive/draft.txt": "never published",
    "Demo Zone/Print/cover.txt": "a cover",
    "Demo Zone/Print/pages/Möwe 1.txt": "a page",
    "Demo Zone/Print/pages/draft.txt": "not approved",
    "Demo Zone/Magazine/2026-47/Cover/cover.txt": "the issue before",
}
OF_THE_SERVER = re.compile(r"id|.*(Created|Modified|Modifier|Creator|created|modified|checkedOut)")
"""Metadata that differ from one server to another: ids, and who did something when."""


def set_dates(dam: Dam) -> None:
    dates = {"old": "2020-02-29T10:00:00Z", "new": "2500-01-01T00:00:00Z"}
    for name, date in dates.items():
        dam.post(
            "updatebulk", q=f'assetPath:"/Demo Zone/Archive/{name}.txt"', status="Published", cf_publicationDate=date
        )
    dam.post("updatebulk", q='assetPath:"/Demo Zone/Archive/draft.txt"', status="New", cf_publicationDate=dates["old"])


def check_out(dam: Dam) -> None:
    for hit in dam.post("search", q='ancestorPaths:"/Demo Zone/Print"')["hits"]:
        dam.post(f"checkout/{hit['id']}")


def approve(dam: Dam) -> None:
    dam.post("updatebulk", q="filename:cover.txt", headline='The "old" harbour, at dawn', credit="Alice")
    dam.post("updatebulk", q='ancestorPaths:"/Demo Zone/Print" NOT filename:draft.txt', status="Approved")


def download(dam: Dam) -> None:
    approve(dam)
    for hit in dam.post("search", q="credit:Alice")["hits"]:
        dam.download(hit["id"])


def downloads(home: Path) -> list[tuple[str, str]]:
    return sorted((row["user"], row["path"]) for row in rows(home / "downloads.csv"))


def collect(dam: Dam) -> None:
    """Approve some assets, and have a collection with one of them and with one that is not approved."""
    approve(dam)
    dam.create("/Demo Zone/Approved.collection", None)
    ids = dam.ids()
    for name in ("cover", "pages/draft"):
        box, member = ids["/Demo Zone/Approved.collection"], ids[f"/Demo Zone/Print/{name}.txt"]
        dam.post("createRelation", relationType="contains", target1Id=box, target2Id=member)


def relate(dam: Dam) -> None:
    ids = dam.ids()
    cover, draft = (ids[f"/Demo Zone/Print/{name}.txt"] for name in ("cover", "pages/draft"))
    dam.post("createRelation", relationType="references", target1Id=cover, target2Id=draft)


def publish(dam: Dam) -> None:
    """Have a published issue, and two drafts, one of them in a collection; somebody has an asset checked out."""
    check_out(dam)
    dam.post("updatebulk", q='ancestorPaths:"/Demo Zone/Magazine"', status="Published")
    dam.post("updatebulk", q='assetPath:"/Demo Zone/Archive/draft.txt"', status="Draft")
    box = dam.create("/Demo Zone/Kept.collection", None)
    kept = dam.create("/Demo Zone/Archive/kept.txt", status="Draft")
    dam.post("createRelation", relationType="contains", target1Id=box, target2Id=kept)


SHOP = {"chair": "12345678", "lamp": "23456789", "stool": "34567890"}
PICTURES = {"0012345678_front.jpg": "a new chair", "23456789.jpg": "lamp", "99999999.jpg": "of nothing"}
"""One is new, one has the bytes that are there, one has no asset."""


def stock(dam: Dam) -> None:
    for name, number in SHOP.items():
        dam.create(f"/Demo Zone/Shop/{name}.jpg", name.encode(), cf_articleNumber=number)


def deliver(home: Path) -> None:
    write_files(home / "pictures", PICTURES)


def without_asset(home: Path) -> list[str]:
    """Return the pictures that nobody has put away; the script moves them."""
    return [path.name for folder in ("pictures", "pictures-unmatched") for path in (home / folder).glob("*.jpg")]


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, without what is written in more than one way: the time, and the order."""
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        row.pop("checkedOut", None)
    return sorted(found, key=lambda row: list(row.values()))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".csv"
    }


@dataclass(frozen=True)
class Job:
    """A job that has a playbook, a script and a page, all of one name.

    :param prepare: changes a server before the job
    :param deliver: puts files into a home folder before the job
    :param outcome: what a home folder has afterwards
    :param shown: what the playbook says in the end
    :param again: the same of a second run
    :param changes: how many of its tasks change something in the first run
    :param logs_out: whether the script does
    """

    name: str
    shown: str
    again: str
    prepare: Callable[[Dam], None] = lambda _dam: None
    outcome: Callable[[Path], Any] = lambda _home: None
    changes: int = 1
    deliver: Callable[[Path], None] = lambda _home: None
    logs_out: bool = True


JOBS = [
    Job("nightly_import", "4 created", "4 unchanged"),
    Job(
        "article_pictures",
        "1 updated, 1 unchanged, 1 skipped",
        ": 1 skipped",
        stock,
        without_asset,
        deliver=deliver,
        logs_out=False,
    ),
    Job(
        "checked_out",
        "3 assets were found",
        "3 assets were found",
        check_out,
        lambda home: rows(home / "checked-out.csv"),
    ),
    Job("history", "2 lines on 2 assets", "2 lines on 2 assets", download, downloads, changes=2),
    Job("archive", "1 asset was updated", "0 assets were updated", set_dates),
    Job("collections", "1 member added, 1 removed", "0 members added, 0 removed", collect),
    Job("tidy_up", "1 removed", "nothing to do", publish, changes=2),
    Job("issue_folders", "4 of 4 folders", "0 of 4 folders"),
    Job("move_folder", "was moved", "nothing was to be moved"),
    Job("relations", "1 relation was removed", "0 relations were removed", relate, changes=2),
    Job("previews", "3 created", "3 unchanged", outcome=lambda home: files(home / "previews")),
    Job(
        "for_the_printer",
        "2 created",
        "2 unchanged",
        approve,
        lambda home: (rows(home / "for-the-printer/list.csv"), files(home / "for-the-printer")),
    ),
]


@contextmanager
def seeded(job: Job, folder: Path) -> Iterator[Emulator]:
    """Run a server that has what the job starts from."""
    for name, text in SEED.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with start_emulator("--seed", str(folder)) as server:
        with user(server) as dam:
            job.prepare(dam)
        server.forget_requests()
        yield server


@contextmanager
def user(server: Emulator) -> Iterator[Dam]:
    dam = Dam(server)
    try:
        yield dam
    finally:
        dam.leave()


def browse(dam: Dam, path: str) -> list[str]:
    below = [entry["assetPath"] for entry in dam.post("browse", path=path, includeFolders="true") if entry["directory"]]
    return [*below, *(deeper for folder in below for deeper in browse(dam, folder))]


def state(server: Emulator) -> tuple[Any, ...]:
    """Return what a server has: its sessions, folders and assets, with their metadata and contents."""
    sessions = server.sessions()
    with user(server) as dam:
        folders = sorted(browse(dam, "/"))
        assets = dam.metadata("*:*")
        for path, asset_id in dam.ids().items():
            kind = "contains" if path.endswith(".collection") else "references"
            assets[path][kind] = related(dam, asset_id, kind)
    return (
        sessions,
        folders,
        {path: {k: v for k, v in fields.items() if not OF_THE_SERVER.fullmatch(k)} for path, fields in assets.items()},
    )


@dataclass(frozen=True)
class Played:
    """What came of a job's playbook: of a check, of a run and of a second one."""

    job: Job
    folder: Path
    check: Run
    real: Run
    again: Run
    before: tuple[Any, ...]
    checked: tuple[Any, ...]
    after: tuple[Any, ...]
    second: tuple[Any, ...]


@pytest.fixture(scope="module", params=JOBS, ids=lambda job: job.name)
def played(request: pytest.FixtureRequest, installed: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Played:
    job: Job = request.param
    folder = tmp_path_factory.mktemp(job.name)
    job.deliver(folder)
    with seeded(job, folder / "seed") as server:

        def run(*arguments: str) -> Run:
            return installed.playbook(EXAMPLES / f"{job.name}.yml", *arguments, env=environment)

        environment = {"ELVIS_SERVER_URL": server.url, **ALICE, "HOME": str(folder)}
        before = state(server)
        check, checked = run("--check"), state(server)
        made_by_check = job.outcome(folder) if any(folder.glob("*.csv")) else None
        assert made_by_check is None
        real, after = run(), state(server)
        again, second = run(), state(server)
    return Played(job, folder, check, real, again, before, checked, after, second)


def test_the_playbook_runs_as_it_stands(played: Played) -> None:
    for run in (played.check, played.real, played.again):
        assert run.returncode == 0, run.output
    assert played.job.shown in played.real.stdout
    assert played.job.again in played.again.stdout


def recap(run: Run) -> str:
    return run.stdout.rpartition("PLAY RECAP")[2]


def test_a_check_tells_the_truth_and_writes_nothing(played: Played) -> None:
    assert recap(played.check) == recap(played.real)
    assert played.checked == played.before


def test_a_second_run_changes_nothing(played: Played) -> None:
    # The login and the logout are changes.
    assert "changed=2 " in recap(played.again)
    assert f"changed={2 + played.job.changes} " in recap(played.real)
    assert played.second == played.after


def test_the_script_leaves_the_server_as_the_playbook_does(played: Played, tmp_path: Path) -> None:
    played.job.deliver(tmp_path)
    with seeded(played.job, tmp_path / "seed") as server:
        environment = {"ELVIS_SERVER_URL": server.url, **ALICE}
        done = run_script(EXAMPLES / f"powershell/{played.job.name}.ps1", home=tmp_path, env=environment)
        after = state(server)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert after[1:] == played.after[1:]
    assert (bool(after[0]), played.after[0]) == (not played.job.logs_out, [])
    assert played.job.outcome(tmp_path) == played.job.outcome(played.folder)


BLOCK = re.compile(r"^```(?P<language>powershell|yaml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


SHOWN = {
    "../powershell": ("logout", "powershell/collection"),
    "README": ("nightly_import", "nightly_import"),
    "any_call": ("", "any_call"),
    "share_and_copy": ("share_and_copy", "share_and_copy"),
    **{job.name: (job.name, job.name) for job in JOBS},
}
"""The script and the playbook that are on a page."""
MOST_LINES = 20
"""A job of a playbook has fewer."""
OTHERWISE = re.compile(
    "- name: (Copy the layout|Empty the scanner's folder|Make the logos|Set the status of 500|Find the cover by its old"
    "|Give it a new name|Send the report)"
)
"""What a guide shows besides."""


@pytest.mark.parametrize("page", SHOWN)
def test_the_guide_shows_what_is_in_the_script_and_the_playbook(page: str) -> None:
    script, playbook = SHOWN[page]
    sources = {"powershell": EXAMPLES / f"powershell/{script}.ps1", "yaml": EXAMPLES / f"{playbook}.yml"}
    text = (GUIDES / f"{page}.md").read_text(encoding="utf-8")
    if page == "../powershell":
        # The rest of it shows more.
        text = text.partition("## Line by line\n")[2].partition("\n## ")[0]
    shown = list(BLOCK.finditer(text))

    assert {block["language"] for block in shown} == {kind for kind, source in sources.items() if source.exists()}
    for block in shown:
        source = sources[block["language"]].read_text(encoding="utf-8")
        # A part of a playbook is shown without the indent that it has there.
        indents = ("", " " * 4, " " * 8) if block["language"] == "yaml" else ("",)
        is_there = any(textwrap.indent(block["text"], indent) in source for indent in indents)
        assert is_there or OTHERWISE.match(block["text"]), block["text"]


@pytest.mark.parametrize("page", sorted(path.stem for path in GUIDES.glob("*.md")))
def test_each_job_of_a_guide_is_short(page: str) -> None:
    text = (GUIDES / f"{page}.md").read_text(encoding="utf-8")
    lengths = [len(block["text"].splitlines()) for block in BLOCK.finditer(text) if block["language"] == "yaml"]
    assert max(lengths, default=0) < MOST_LINES


def test_the_history_tells_who_changed_an_asset_and_what_was_removed(installed: Ansible, tmp_path: Path) -> None:
    job = next(job for job in JOBS if job.name == "history")
    with seeded(job, tmp_path / "seed") as server:
        environment = {"ELVIS_SERVER_URL": server.url, **ALICE, "HOME": str(tmp_path)}

        def shown() -> tuple[str, str]:
            run = installed.playbook(EXAMPLES / "history.yml", env=environment)
            assert run.returncode == 0, run.output
            who, removed, _downloads = re.findall(r'"msg": (.*?)\n\}', run.stdout, re.DOTALL)
            return who, removed

        _who, removed_before = shown()
        with user(server) as dam:
            other = Dam(server, "api", "api")
            other.post("updatebulk", q='assetPath:"/Demo Zone/Print/cover.txt"', status="Rejected")
            other.leave()
            dam.post("remove", ids=dam.ids()["/Demo Zone/Print/pages/draft.txt"])
        who, removed = shown()
    assert "/Demo Zone/Print/cover.txt" in who
    assert re.search(r" api .*METADATA_UPDATE.* status Approved Rejected", who), who
    assert (yaml.safe_load(removed_before), yaml.safe_load(removed)) == ([], ["/Demo Zone/Print/pages/draft.txt"])


def test_what_the_script_loses_stays_with_the_playbook(installed: Ansible, tmp_path: Path) -> None:
    """An asset is checked out, another one has a number that begins alike, and two have one number."""

    def prepare(dam: Dam) -> None:
        stock(dam)
        ids = dam.ids()
        chair = ids["/Demo Zone/Shop/chair.jpg"]
        dam.post("update", files={"Filedata": ("chair.jpg", b"a second chair")}, id=chair)
        for name, number in (("lamp B", "23456789-B"), ("stool 2", "34567890")):
            dam.create(f"/Demo Zone/Shop/{name}.jpg", b"before", cf_articleNumber=number)
        admin = Dam(dam._elvis, "admin", "changemenow")
        admin.post(f"checkout/{chair}")
        admin.leave()

    names = ["12345678.jpg", "23456789.jpg", "34567890.jpg"]
    job = Job("article_pictures", "", "", prepare)
    found: dict[str, tuple[list[str], dict[str, str], list[int]]] = {}
    for kind in ("yml", "ps1"):
        home = tmp_path / kind
        with seeded(job, home / "seed") as server:
            # Younger than what the DAM has.
            (home / "pictures").mkdir()
            for name in names:
                (home / "pictures" / name).write_text("a picture", encoding="utf-8")
            environment = {"ELVIS_SERVER_URL": server.url, **ALICE}
            if kind == "yml":
                done = installed.playbook(EXAMPLES / "article_pictures.yml", env={**environment, "HOME": str(home)})
                assert "conflict" in done.output, done.output
            else:
                script = EXAMPLES / "powershell/article_pictures.ps1"
                ended = run_script(script, home=home, env=environment)
                assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
            with user(server) as dam:
                ids = {path.rpartition("/")[2]: asset_id for path, asset_id in dam.ids().items() if "/Shop/" in path}
                versions = dam.post("version/list", assetId=ids["chair.jpg"])["hits"]
                found[kind] = (
                    sorted(path.name for path in (home / "pictures").iterdir()),
                    {name: dam.download(asset_id).decode() for name, asset_id in ids.items()},
                    [hit["hit"]["metadata"]["versionNumber"] for hit in versions],
                )
    left, contents, versions = found["yml"]
    assert (left, versions) == (["12345678.jpg", "34567890.jpg"], [2, 1])
    assert {name for name, content in contents.items() if content == "a picture"} == {"lamp.jpg"}
    left, contents, versions = found["ps1"]
    assert (left, versions) == ([], [2])
    assert contents["chair.jpg"] == "a second chair"
    assert {name for name, content in contents.items() if content == "a picture"} == {
        *("lamp.jpg", "lamp B.jpg", "stool.jpg", "stool 2.jpg"),
    }


def test_calls_of_ones_own(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    environment = {"ELVIS_SERVER_URL": server.url, **ALICE, "HOME": str(tmp_path)}
    check = installed.playbook(EXAMPLES / "any_call.yml", "--check", env=environment)
    assert check.returncode == 0, check.output
    assert state(server) == ([], [], {})
    for is_first in (True, False):
        run = installed.playbook(EXAMPLES / "any_call.yml", env=environment)
        assert run.returncode == 0, run.output
        assert run.stdout.count("changed: [localhost]") == 2 + is_first * 5, run.stdout

    sessions, _folders, assets = state(server)
    assert sessions == []
    assert sorted(assets) == [
        f"/Demo Zone/Calls/{name}.svg" for name in ("details/anchor", "harbour", "lighthouse", "portraits/captain")
    ]
    written = rows(tmp_path / "calls.csv")
    assert sorted((row["path"], row["status"]) for row in written) == [(path, "New") for path in sorted(assets)]


def overwrite(dam: Dam) -> None:
    dam.post("update", files={"Filedata": ("cover.txt", b"something else")}, id=dam.ids()["/Demo Zone/Print/cover.txt"])


def what_is_left(server: Emulator, home: Path) -> tuple[Any, ...]:
    """Return the assets, the content that was restored, whether there is a link, and the rules."""
    _sessions, folders, assets = state(server)
    admin = Dam(server, "admin", "changemenow")
    content = admin.download(admin.ids()["/Demo Zone/Print/cover.txt"])
    url = f"{server.url}/api/admin/permission/rule/search"
    rules = requests.post(url, json={}, headers={"Authorization": f"Bearer {admin.session['auth_token']}"}, timeout=30)
    admin.leave()
    has_link = "authkey=" in (home / "link.txt").read_text(encoding="utf-8")
    return folders, assets, content, has_link, [{**rule, "id": ""} for rule in rules.json()]


def test_calls_without_a_module(installed: Ansible, tmp_path: Path) -> None:
    name = "share_and_copy"
    job = Job(name, "", "", overwrite)
    left = []
    for kind in ("yml", "ps1"):
        home = tmp_path / kind
        with seeded(job, home / "seed") as server:
            environment = {"ELVIS_SERVER_URL": server.url, **ADMIN}
            if kind == "ps1":
                done = run_script(EXAMPLES / f"powershell/{name}.ps1", home=home, env=environment)
                assert (done.returncode, done.stderr) == (0, ""), done.stdout
            else:
                before = state(server)
                runs = [("--check",), (), ()]
                for number, arguments in enumerate(runs):
                    run = installed.playbook(
                        EXAMPLES / f"{name}.yml", *arguments, env={**environment, "HOME": str(home)}
                    )
                    assert run.returncode == 0, run.output
                    assert number or state(server) == before
                    # A second run makes another link, and nothing else. A check can't know what is there already.
                    assert f"changed={2 + (4, 5, 2)[number]} " in recap(run)
            left.append(what_is_left(server, home))
    assert left[0] == left[1]


TWO_TASKS = """
- damops.elvis.elvis_login:
  register: elvis
  check_mode: false
- block:
    - damops.elvis.elvis_folder: {session: "{{ elvis.session }}", path: "/Demo Zone/Inbox/{{ today }}"}
      register: folder
    - damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: "{{ inbox }}"
        path: "/Demo Zone/Inbox/{{ today }}"
        metadata: {status: New}
        metadata_src: "{{ inbox }}/captions.csv"
      register: upload
    - damops.elvis.elvis_asset_info: {session: "{{ elvis.session }}", query: "checkedOutBy:*", dest: "{{ report }}"}
      register: report_of
  always:
    - damops.elvis.elvis_logout: {session: "{{ elvis.session }}"}
      check_mode: false
"""
TASKS = ("folder", "upload", "report_of")
PLACE = "/Demo Zone/Inbox/2026-11-26"


def test_the_work_between_login_and_logout(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    values = {"inbox": str(EXAMPLES / "inbox"), "today": "2026-11-26", "report": str(tmp_path / "checked-out.csv")}
    environment = {"ELVIS_SERVER_URL": server.url, **ALICE}

    def run(*arguments: str) -> dict[str, Any]:
        done = installed.play(TWO_TASKS, *arguments, env=environment, vars=values)
        assert done.returncode == 0, done.output
        return {name: done.results[name] for name in TASKS}

    def changed(results: dict[str, Any]) -> list[str]:
        return [name for name in TASKS if results[name]["changed"]]

    with user(server) as dam:
        dam.post(f"checkout/{dam.create('/Demo Zone/layout.indd')}")
    empty = state(server)
    check = run("--check")
    assert state(server) == empty
    real = run()
    assert check["upload"]["counts"] == real["upload"]["counts"]
    # To a check, the folder that the task before would make is not there.
    assert check["upload"]["folders"] == [PLACE, *real["upload"]["folders"]]
    assert changed(check) == changed(real) == ["folder", "upload", "report_of"]
    assert check["report_of"]["checksum"] == real["report_of"]["checksum"]
    assert [row["assetPath"] for row in rows(tmp_path / "checked-out.csv")] == ["/Demo Zone/layout.indd"]

    with user(server) as dam:
        dam.post("updatebulk", q=f'assetPath:"{PLACE}/harbour.svg"', status="Final")
    edited = state(server)
    for arguments in (("--check",), ()):
        again = run(*arguments)
        assert changed(again) == []
        assert again["upload"]["counts"]["unchanged"] == 4
    assert state(server) == edited
    assert edited[0] == []
    assert edited[2][f"{PLACE}/harbour.svg"]["status"] == "Final"
    assert edited[2][f"{PLACE}/harbour.svg"]["headline"] == "The old harbour"
