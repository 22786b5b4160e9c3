# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure.yml sets up AWX: run with the real modules of awx.awx, against a stand-in that has AWX's rules."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from tests.awx.configuring import (
    CA,
    CREDENTIAL_TYPE,
    EXAMPLES,
    IMAGE,
    ONE_TEMPLATE,
    TEMPLATES,
    USER,
    WHOLE,
    Configure,
    changes,
    new_controller,
    only,
)
from tests.awx.controller import Controller


@pytest.fixture
def controller(set_up: Controller) -> Controller:
    """An AWX that was set up."""
    copied = copy.deepcopy(set_up)
    copied.writes.clear()
    return copied


def test_all_is_there(set_up: Controller) -> None:
    credential = set_up.named("credentials", "Elvis")
    assert credential["inputs"] == {
        "server_url": "https://dam.example.com",
        "username": "alice",
        "password": "wonderland",
        "ca_certificate": CA,
        "validate_certs": "yes",
    }
    templates = set_up.objects["job_templates"].values()
    assert [one["name"] for one in templates] == [one["name"] for one in TEMPLATES]
    for template in templates:
        assert set_up.credentials_of[template["id"]] == [credential["id"]]
        assert set_up.objects["execution_environments"][template["execution_environment"]]["image"] == IMAGE


def test_a_project_that_could_not_be_fetched_is_fetched_by_the_next_run(configure: Configure) -> None:
    controller = new_controller()
    controller.can_fetch = False
    failed = configure(controller, WHOLE, "-e", ONE_TEMPLATE)
    assert failed.returncode != 0
    assert "Project update failed" in failed.output

    controller.can_fetch = True
    assert changes(configure(controller, WHOLE, "-e", ONE_TEMPLATE)) > 0
    assert controller.named("job_templates", "Elvis: smoke")


@pytest.fixture(scope="module")
def two_organizations(configure: Configure, set_up: Controller) -> Controller:
    """What a run for a second organization added. Copy it before you change it."""
    controller = copy.deepcopy(set_up)
    changes(configure(controller, WHOLE, "-e", "awx_organization=Second", "-e", ONE_TEMPLATE))
    return controller


def test_a_second_organization_has_all_of_its_own(two_organizations: Controller) -> None:
    second = two_organizations.named("organizations", "Second")["id"]
    template = two_organizations.named("job_templates", "Elvis: smoke", organization=second)
    for field, kind in {
        "inventory": "inventories",
        "project": "projects",
        "execution_environment": "execution_environments",
    }.items():
        assert two_organizations.objects[kind][template[field]]["organization"] == second
    (credential,) = two_organizations.credentials_of[template["id"]]
    assert two_organizations.objects["credentials"][credential]["organization"] == second


def test_another_run_changes_nothing_whatever_else_has_the_same_name(
    configure: Configure, two_organizations: Controller
) -> None:
    controller = copy.deepcopy(two_organizations)
    other_type = controller.add("credential_types", {"name": "Other", "kind": "cloud", "inputs": {"fields": []}})
    organization = controller.named("organizations", "Default")["id"]
    controller.add("credentials", {"name": "Elvis", "organization": organization, "credential_type": other_type["id"]})
    before = copy.deepcopy(controller)

    # What the credential has need not be told again.
    assert changes(configure(controller, {})) == 0
    assert controller.objects["job_templates"] == before.objects["job_templates"]
    assert controller.objects["credentials"] == before.objects["credentials"]
    assert controller.credentials_of == before.credentials_of


def test_what_is_not_told_is_kept(configure: Configure, controller: Controller) -> None:
    told = {
        "ELVIS_USERNAME": "bob",
        "ELVIS_PASSWORD": "wrong",
        "ELVIS_EXTRA_HEADERS": '{"X-Api-Key": "of the gateway"}',
    }
    before = controller.named("credentials", "Elvis")["inputs"]

    assert changes(configure(controller, told, "-e", ONE_TEMPLATE)) == 1
    assert controller.named("credentials", "Elvis")["inputs"] == {
        **before,
        "username": "bob",
        "extra_headers": told["ELVIS_EXTRA_HEADERS"],
    }


def test_a_secret_is_changed_when_that_is_asked_for_and_is_not_shown(
    configure: Configure, controller: Controller
) -> None:
    told = {"ELVIS_PASSWORD": "[1, 2]{{ x }}"}
    before = controller.named("credentials", "Elvis")["inputs"]

    run = configure(controller, told, "-e", "awx_update_secrets=true", "-e", ONE_TEMPLATE, "-vvv")
    assert changes(run) == 1
    assert controller.named("credentials", "Elvis")["inputs"] == {**before, "password": "[1, 2]{{ x }}"}
    assert "[1, 2]{{ x }}" not in run.output


def test_what_was_set_by_hand_stays(configure: Configure, controller: Controller) -> None:
    """An inventory of one's own, and a password that AWX looks up in a vault."""
    organization = controller.named("organizations", "Default")["id"]
    machines = controller.add("inventories", {"name": "Machines", "organization": organization})["id"]
    fleet = controller.named("job_templates", "Elvis: fleet")
    assert fleet["ask_inventory_on_launch"] is True
    credential = controller.named("credentials", "Elvis")
    del credential["inputs"]["password"]
    controller.sources_of[credential["id"]] = [{"id": 1, "input_field_name": "password"}]
    over_ssh = controller.add("credential_types", {"name": "Machine", "kind": "ssh", "inputs": {"fields": []}})
    vault = controller.add("credential_types", {"name": "Vault", "kind": "vault", "inputs": {"fields": []}})
    added = [
        controller.add(
            "credentials", {"name": f"Own {kind['name']}", "organization": organization, "credential_type": kind["id"]}
        )["id"]
        for kind in (over_ssh, vault)
    ]
    by_hand = {
        "inventory": machines,
        "forks": 9,
        "job_slice_count": 2,
        "limit": "filers",
        "verbosity": 2,
        "extra_vars": '{"elvis_in_container": false}',
        "ask_inventory_on_launch": True,
    }
    importing = controller.named("job_templates", "Elvis: import")
    importing.update(by_hand)
    controller.credentials_of[importing["id"]].extend(added)

    some = only("Elvis: smoke", "Elvis: fleet", "Elvis: import")
    assert changes(configure(controller, {}, "-e", "awx_fleet_inventory=Machines", "-e", some)) == 1
    assert fleet["inventory"] == machines
    assert controller.named("job_templates", "Elvis: smoke")["inventory"] != machines
    assert by_hand.items() <= importing.items()
    assert controller.credentials_of[importing["id"]] == [credential["id"], *added]


def of_an_earlier_version(controller: Controller) -> None:
    """Give the credential type fewer fields, and the name that it had then."""
    credential_type = controller.named("credential_types", CREDENTIAL_TYPE["name"])
    fields = [one for one in credential_type["inputs"]["fields"] if one["id"] != "extra_headers"]
    credential_type.update(name="Elvis DAM", inputs={**credential_type["inputs"], "fields": fields})


def with_nothing(controller: Controller) -> None:
    for kind in controller.objects.keys() - {"organizations"}:
        controller.objects[kind].clear()


ALL_OF_IT = "execution environment, project, inventory, credential type, credential"


@pytest.mark.parametrize(
    ("change", "changed", "sentence"),
    [
        (None, 0, ""),
        (with_nothing, 1, f"The organization Default lacks: {ALL_OF_IT}. A run creates all of it"),
        (of_an_earlier_version, 1, "The organization Default lacks: credential type, credential."),
    ],
)
def test_a_check_says_what_a_run_would_change(
    change: Callable[[Controller], None] | None,
    changed: int,
    sentence: str,
    configure: Configure,
    controller: Controller,
) -> None:
    if change:
        change(controller)
    some = () if change is None else ("-e", ONE_TEMPLATE)
    checked = configure(controller, WHOLE, *some, "--check")

    assert changes(checked) == changed
    assert sentence in " ".join(checked.stdout.split())
    assert controller.writes == []


def test_a_credential_type_in_use_gets_a_successor(configure: Configure, controller: Controller) -> None:
    of_an_earlier_version(controller)
    old = controller.named("credentials", "Elvis")

    changes(configure(controller, WHOLE, "-e", ONE_TEMPLATE))
    new_type = controller.named("credential_types", CREDENTIAL_TYPE["name"])
    new = controller.named("credentials", "Elvis", credential_type=new_type["id"])
    assert controller.credentials_of[controller.named("job_templates", "Elvis: smoke")["id"]] == [new["id"]]
    assert new_type["inputs"] == CREDENTIAL_TYPE["inputs"]
    # Other job templates may use it.
    assert controller.objects["credentials"][old["id"]] == old


def without_a_password(controller: Controller) -> None:
    controller.objects["credentials"].clear()


def with_another_label(controller: Controller) -> None:
    controller.named("credential_types", CREDENTIAL_TYPE["name"])["inputs"]["fields"][0]["label"] = "Address"


@pytest.mark.parametrize(
    ("change", "arguments", "reason"),
    [
        (None, "awx_organization=Nobody", "AWX has no organization Nobody"),
        (None, "awx_image=", "to the image that jobs run in"),
        (None, "awx_update_secrets=true", "ELVIS_PASSWORD must be the new password"),
        (None, "awx_ca_file=/nowhere/ca.pem", "Where ELVIS_CA_PATH is set, it must name a file"),
        (without_a_password, "", "has no password"),
        (of_an_earlier_version, "", "has no password"),
        (with_another_label, "", "Give the type another name in credential_type.yml"),
    ],
)
def test_a_mistake_is_named_before_anything_is_changed(
    change: Callable[[Controller], None] | None,
    arguments: str,
    reason: str,
    configure: Configure,
    controller: Controller,
) -> None:
    if change:
        change(controller)

    run = configure(controller, USER, *(["-e", arguments] if arguments else []))
    assert run.returncode != 0
    assert reason in " ".join(run.output.split())
    assert controller.writes == []


def test_a_failed_import_sends_a_mail_and_is_watched(configure: Configure, controller: Controller) -> None:
    told = ("-e", "awx_mail_host=smtp.example.com", "-e", "awx_mail_to=dam@example.com", "-e", "elvis_host=filer01")

    assert changes(configure(controller, {}, *told, playbook=EXAMPLES / "alerts.yml")) == 4

    mail = controller.named("notification_templates", "Elvis failures")
    assert mail["notification_configuration"]["recipients"] == ["dam@example.com"]
    watch = controller.named("job_templates", "Elvis: watch import")
    assert json.loads(watch["extra_vars"]) == {"elvis_host": "filer01", "elvis_report": "/srv/reports"}
    importing = controller.named("job_templates", "Elvis: import")
    assert controller.alerts_of == {importing["id"]: [mail["id"]], watch["id"]: [mail["id"]]}
    (schedule,) = controller.objects["schedules"].values()
    assert schedule["unified_job_template"] == watch["id"]
    assert changes(configure(controller, {}, *told, playbook=EXAMPLES / "alerts.yml")) == 0
