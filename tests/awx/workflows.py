# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a workflow as AWX does: one job after the other, each with what the jobs before it have left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.awx.controller import Controller, Object
from tests.awx.jobs import Job, Order, run
from tests.awx.launching import node_variables
from tests.integration.support import Ansible


class Workflow:
    """A workflow that was launched, and waits for somebody to let it go on.

    :param answers: to its survey
    :ivar ignored: what AWX did not take of the launch
    """

    def __init__(self, awx: Controller, name: str, answers: Mapping[str, Any], ansible: Ansible) -> None:
        template = awx.named("workflow_job_templates", name)
        path = f"workflow_job_templates/{template['id']}/launch/"
        status, answer = awx.answer("POST", path, {}, {"extra_vars": dict(answers)})
        assert status == 201, answer
        self.ignored = answer["ignored_fields"]
        self._launched = awx.jobs[-1]["extra_vars"]
        self._awx = awx
        self._ansible = ansible
        self._artifacts: dict[str, Any] = {}
        self._nodes = in_order(awx, template)

    def run(self, **order: Any) -> Job:
        """Run the next job to its end.

        :param order: what the stand-in does not have: the inputs of the credential, and the like
        """
        node = self._nodes.pop(0)
        template = self._awx.objects["job_templates"][node["unified_job_template"]]
        variables = node_variables(node.get("extra_data", {}), self._artifacts, self._launched)
        names = {"template": template["name"], "job_type": node["job_type"]}
        job = run(self._ansible, Order(template["playbook"], answers=variables, **names, **order))
        self._artifacts |= job.artifacts
        return job

    def approve(self) -> None:
        """Approve what the workflow waits for."""
        assert self._nodes.pop(0)["unified_job_template"] in self._awx.objects["workflow_approval_templates"]


def in_order(awx: Controller, template: Object) -> list[Object]:
    """Return the nodes of a workflow that has one after the other."""
    nodes = [
        node
        for node in awx.objects["workflow_job_template_nodes"].values()
        if node["workflow_job_template"] == template["id"]
    ]
    later = [one["id"] for node in nodes for one in awx.nodes_after(node)]
    (node,) = (node for node in nodes if node["id"] not in later)
    ordered = [node]
    while following := awx.nodes_after(ordered[-1]):
        (node,) = following
        ordered.append(node)
    assert len(ordered) == len(nodes)
    return ordered
