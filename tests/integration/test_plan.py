# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on plans, word for word: a plan is made, shown and applied, in both places of execution."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.support import Ansible
from tests.support.assets import logged_in
from tests.support.emulator import Emulator

pytestmark = pytest.mark.same_everywhere

PAGE = Path(__file__).parents[2] / "docs" / "plans.md"
ALICE = {"ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}


def test_a_plan_is_made_shown_and_applied(ansible: Ansible, server: Emulator, tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    plan = tmp_path / "plan.jsonl"
    playbook = tmp_path / "archive.yml"
    playbook.write_text(found[1].replace("/srv/plans/archive.jsonl", str(plan)))
    env = {"ELVIS_SERVER_URL": server.url, **ALICE}
    with logged_in(server) as dam:
        for name in ("a", "b\u202e\x85", "c"):
            dam.create(f"/Demo Zone/{name}.jpg", status="Published")
        checked = ansible.playbook(playbook, "--check", env=env)
        assert checked.returncode == 0, checked.output
        digest = re.search(r'"digest": "([0-9a-f]{64})"', checked.stdout)
        assert digest
        shown = ansible.playbook(Path("damops.elvis.show_plan"), "-e", f"elvis_plan={plan}", "-e", "elvis_entries=2")
        assert shown.returncode == 0, shown.output
        for words in (digest[1], "elvis_metadata", server.url, "alice", "Steps: 3", "becomes", "and 1 more", "202e"):
            assert words in shown.stdout
        assert "\u202e" not in shown.stdout

        plan.chmod(0o600)
        other = ansible.playbook(playbook, "-e", f"approved_digest={'0' * 64}", env=env)
        assert other.returncode == 2
        assert "is not the file that was approved" in other.stdout
        # The one of this test.
        assert len(server.sessions()) == 1
        applied = ansible.playbook(playbook, "-e", f"approved_digest={digest[1]}", env=env)
        assert applied.returncode == 0, applied.output
        assert {row["status"] for row in dam.metadata("*:*").values()} == {"Archived"}


@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"plan":1}\n\x1b[2J\n'])
def test_what_is_no_plan_is_not_shown(installed: Ansible, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan").write_bytes(content)
    shown = installed.playbook(Path("damops.elvis.show_plan"), "-e", f"elvis_plan={tmp_path}/plan")
    assert shown.returncode == 2
    assert "is no plan" in shown.stdout
    assert "\x1b[2J" not in shown.output
