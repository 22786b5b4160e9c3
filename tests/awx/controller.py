# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small stand-in for AWX: the part of its API that configure.yml needs, with AWX's own rules.

It keeps what is written, so that a test can look at it. The rules are those of AWX 24.6.1 (`awx/api/serializers.py`,
`awx/main/models`): which names must be unique, what may not be changed, how a secret is kept, and when a project has
playbooks. What a launch takes and ignores stands in `launching.py`. No job runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from tests.awx.launching import ASKED, Object, launch, refuse_node

API = "/api/v2/"
ENCRYPTED = "$encrypted$"
PAGE_SIZE = 25

UNIQUE: Mapping[str, tuple[str, ...]] = {
    "organizations": ("name",),
    "credential_types": ("name", "kind"),
    "credentials": ("name", "organization", "credential_type"),
    "execution_environments": ("name",),
    "projects": ("name", "organization"),
    "inventories": ("name", "organization"),
    "hosts": ("name", "inventory"),
    "job_templates": ("name", "organization"),
    "project_updates": ("id",),
    "workflow_job_templates": ("name", "organization"),
    "workflow_job_template_nodes": ("identifier", "workflow_job_template"),
    "workflow_approval_templates": ("id",),
    "notification_templates": ("name", "organization"),
    "schedules": ("name", "unified_job_template"),
}
"""Every kind of object, and what no two of them have in common. Other twins there may be."""

RELATED = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "inventory": "inventories",
    "project": "projects",
    "execution_environment": "execution_environments",
    "default_environment": "execution_environments",
    "workflow_job_template": "workflow_job_templates",
}
"""The kind of object whose id a field holds."""

TYPES = {"inventories": "inventory"}
LAUNCHED = "job_templates", "workflow_job_templates", "workflow_approval_templates", "projects"
"""The kinds of objects that are listed as unified_job_templates."""

DEFAULTS: Mapping[str, Object] = {
    "credentials": {"organization": None, "inputs": {}},
    "credential_types": {"inputs": {}, "injectors": {}, "managed": False},
    "execution_environments": {"organization": None, "credential": None, "pull": ""},
    "projects": {"scm_branch": "", "scm_revision": "", "default_environment": None, "timeout": 0},
    "inventories": {"kind": "", "host_filter": None, "variables": ""},
    "hosts": {"enabled": True, "variables": ""},
    "job_templates": {
        "inventory": None,
        "execution_environment": None,
        "forks": 0,
        "job_slice_count": 1,
        "allow_simultaneous": False,
        "job_type": "run",
        "limit": "",
        "extra_vars": "",
        "verbosity": 0,
        "timeout": 0,
        "diff_mode": False,
        "job_tags": "",
        "skip_tags": "",
        "scm_branch": "",
        "survey_enabled": False,
        **dict.fromkeys(ASKED.values(), False),
    },
    "workflow_job_templates": {
        "inventory": None,
        "extra_vars": "",
        "limit": "",
        "survey_enabled": False,
        **dict.fromkeys(ASKED.values(), False),
    },
    "workflow_job_template_nodes": {"unified_job_template": None, "workflow_job_template": None},
    "workflow_approval_templates": {"organization": None, "timeout": 0},
}


class RefusedError(Exception):
    """An answer that says no."""

    def __init__(self, status: int, answer: Object) -> None:
        super().__init__(answer)
        self.status = status
        self.answer = answer


@dataclass
class Controller:
    """What AWX knows.

    :param playbooks: what a project has, once it was fetched
    :param can_fetch: whether a project's repository can be reached
    :param following: the nodes of a workflow that run after a node, where that went well
    :param jobs: what was launched: each with its template and its own job_type, extra_vars, inventory and the like
    :param writes: every request that changes something, as method, path and content
    """

    playbooks: frozenset[str]
    can_fetch: bool = True
    objects: dict[str, dict[int, Object]] = field(default_factory=lambda: {kind: {} for kind in UNIQUE})
    credentials_of: dict[int, list[int]] = field(default_factory=dict)
    sources_of: dict[int, list[Object]] = field(default_factory=dict)
    survey_of: dict[int, Object] = field(default_factory=dict)
    alerts_of: dict[int, list[int]] = field(default_factory=dict)
    following: dict[int, list[int]] = field(default_factory=dict)
    jobs: list[Object] = field(default_factory=list)
    writes: list[tuple[str, str, Object]] = field(default_factory=list)
    ids: Iterable[int] = field(default_factory=lambda: count(10))

    def answer(self, method: str, path: str, query: Mapping[str, str], content: Object) -> tuple[int, Object]:
        """Answer a request; `path` is what follows /api/v2/."""
        if method != "GET":
            self.writes.append((method, path, content))
        kind, *rest = path.strip("/").split("/")
        if (method, kind, rest) == ("GET", "unified_job_templates", []):
            return self._page(kind, [one for of in LAUNCHED for one in self._matching(of, query)], query)
        if kind not in self.objects:
            return 404, {"detail": "The requested resource could not be found."}
        try:
            if not rest:
                return self._list(kind, query) if method == "GET" else (201, self.shown(kind, self.add(kind, content)))
            found = self._find(kind, rest[0])
            if len(rest) > 1:
                return self._sub_resource(method, rest[1], found, query, content)
            return 200, self.shown(kind, self._change(kind, found, content) if method == "PATCH" else found)
        except RefusedError as error:
            return error.status, error.answer

    def add(self, kind: str, content: Object) -> Object:
        """Create an object, as POST does."""
        new = {"description": "", **DEFAULTS.get(kind, {}), **_without_null_kind(content)}
        new_id = next(iter(self.ids))
        if kind == "workflow_job_template_nodes":
            # AWX makes up a name that no other node has.
            new.setdefault("identifier", f"node {new_id}")
        self._check(kind, new, {})
        new["id"] = new_id
        self.objects[kind][new["id"]] = new
        if kind == "projects":
            new["current_update"] = self._fetch(new)
        return new

    def named(self, kind: str, name: str, **more: object) -> Object:
        """Return the only object of that name, as it is kept."""
        (found,) = (one for one in self.objects[kind].values() if {"name": name, **more}.items() <= one.items())
        return found

    def shown(self, kind: str, one: Object) -> Object:
        """Return an object as AWX shows it."""
        url = f"{API}{kind}/{one['id']}/"
        shown: Object = {
            **one,
            "type": TYPES.get(kind, kind.removesuffix("s")),
            "url": url,
            "related": {},
            "summary_fields": {},
        }
        if kind == "credentials":
            secret = self._secret_fields(one)
            shown["inputs"] = {
                name: ENCRYPTED if name in secret and value else value for name, value in one["inputs"].items()
            }
            kind_of = self.objects["credential_types"][one["credential_type"]]
            shown["summary_fields"] = {"credential_type": {"id": kind_of["id"], "name": kind_of["name"]}}
        elif kind == "job_templates":
            parts = ("survey_spec", "notification_templates_error")
            shown["related"] = {part: f"{url}{part}/" for part in parts}
        elif kind == "workflow_job_templates":
            shown["related"] = {"survey_spec": f"{url}survey_spec/"}
        elif kind == "workflow_job_template_nodes" and one["unified_job_template"] is not None:
            of = next(of for of in LAUNCHED if one["unified_job_template"] in self.objects[of])
            shown["related"] = {"unified_job_template": f"{API}{of}/{one['unified_job_template']}/"}
        elif kind == "projects":
            shown["related"] = {"update": f"{url}update/"}
            # It is done at once, so only the answer to what started it names it.
            if (started := one.pop("current_update", None)) is not None:
                del shown["current_update"]
                shown["summary_fields"] = {"current_update": {"id": started}}
        return shown

    def _list(self, kind: str, query: Mapping[str, str]) -> tuple[int, Object]:
        return self._page(kind, self._matching(kind, query), query)

    def _matching(self, kind: str, query: Mapping[str, str]) -> list[Object]:
        return [one for one in self.objects[kind].values() if self._matches(one, query)]

    def _page(self, kind: str, found: list[Object], query: Mapping[str, str]) -> tuple[int, Object]:
        page = int(query.get("page", 1))
        size = int(query.get("page_size", PAGE_SIZE))
        shown = [self.shown(kind, one) for one in found[(page - 1) * size : page * size]]
        following = f"{API}{kind}/?page={page + 1}&page_size={size}" if page * size < len(found) else None
        return 200, {"count": len(found), "next": following, "previous": None, "results": shown}

    def _matches(self, one: Object, query: Mapping[str, str]) -> bool:
        """Tell whether an object has all that is asked for, and one of those that begin with or__."""
        asked = {name: value for name, value in query.items() if name not in {"page", "page_size", "order_by"}}
        any_of = [name for name in asked if name.startswith("or__")]
        all_of = asked.keys() - set(any_of)
        return all(self._value(one, name) == asked[name] for name in all_of) and (
            not any_of or any(self._value(one, name.removeprefix("or__")) == asked[name] for name in any_of)
        )

    def _value(self, one: Object, name: str) -> str:
        """Return what an object has in a field, or in a field of what it belongs to: `credential_type__name`."""
        first, *rest = name.split("__")
        if first not in one:
            raise RefusedError(400, {"detail": f"The object has no field named '{first}'"})
        value = one[first]
        if rest:
            value = self.objects[RELATED[first]][value][rest[0]] if value is not None else None
        return str(value)

    def _find(self, kind: str, key: str) -> Object:
        """Return what has this id, or this name: AWX's named URLs are `name`, or `name++organization`."""
        name, _plus, organization = key.partition("++")
        found = [
            one
            for one in self.objects[kind].values()
            if str(one["id"]) == key
            or (
                one.get("name") == name
                and self._value({"organization": None, **one}, "organization__name") == organization
            )
        ]
        if not found:
            raise RefusedError(404, {"detail": "Not found."})
        return found[0]

    def _sub_resource(
        self, method: str, name: str, one: Object, query: Mapping[str, str], content: Object
    ) -> tuple[int, Object]:
        nodes = "workflow_job_template_nodes"
        parts: dict[tuple[str, str], Callable[[], tuple[int, Object]]] = {
            ("GET", "credentials"): lambda: self._page("credentials", self._credentials(one), query),
            ("POST", "credentials"): lambda: self._attach(one, content),
            ("GET", "input_sources"): lambda: self._page(
                "credential_input_sources", self.sources_of.get(one["id"], []), query
            ),
            ("GET", "notification_templates_error"): lambda: self._page(
                "notification_templates",
                [self.objects["notification_templates"][key] for key in self.alerts_of.get(one["id"], [])],
                query,
            ),
            ("POST", "notification_templates_error"): lambda: self._alert(one, content),
            ("GET", "survey_spec"): lambda: (200, self.survey_of.get(one["id"], {})),
            ("POST", "survey_spec"): lambda: self._set_survey(one, content),
            ("POST", "update"): lambda: self._update(one),
            ("POST", "launch"): lambda: self._launch(one, content),
            ("GET", "success_nodes"): lambda: self._page(nodes, self.nodes_after(one), query),
            ("POST", "success_nodes"): lambda: self._connect(one, content),
            ("POST", "create_approval_template"): lambda: self._add_approval(one, content),
        }
        return parts[method, name]()

    def _credentials(self, template: Object) -> list[Object]:
        return [self.objects["credentials"][key] for key in self.credentials_of.get(template["id"], [])]

    def _attach(self, template: Object, content: Object) -> tuple[int, Object]:
        attached = self.credentials_of.setdefault(template["id"], [])
        if content.get("disassociate"):
            attached.remove(content["id"])
        else:
            new = self.objects["credentials"][content["id"]]
            if new["credential_type"] in {one["credential_type"] for one in self._credentials(template)}:
                return 400, {"error": "Cannot assign multiple credentials of one type."}
            attached.append(content["id"])
        return 204, {}

    def _alert(self, template: Object, content: Object) -> tuple[int, Object]:
        self.alerts_of.setdefault(template["id"], []).append(content["id"])
        return 204, {}

    def nodes_after(self, node: Object) -> list[Object]:
        """Return the nodes of a workflow that run after a node, where that went well."""
        return [self.objects["workflow_job_template_nodes"][key] for key in self.following.get(node["id"], [])]

    def _connect(self, node: Object, content: Object) -> tuple[int, Object]:
        following = self.following.setdefault(node["id"], [])
        (following.remove if content.get("disassociate") else following.append)(content["id"])
        return 204, {}

    def _add_approval(self, node: Object, content: Object) -> tuple[int, Object]:
        """Make a node one that waits for an approval (`WorkflowJobTemplateNodeCreateApproval` in `awx/api/views`)."""
        approval = self.add("workflow_approval_templates", content)
        node["unified_job_template"] = approval["id"]
        return 201, self.shown("workflow_approval_templates", approval)

    def _set_survey(self, template: Object, content: Object) -> tuple[int, Object]:
        self.survey_of[template["id"]] = content
        return 200, {}

    def _launch(self, template: Object, content: Object) -> tuple[int, Object]:
        """Launch a job, with what the template prompts for."""
        launched = launch(template, self.survey_of.get(template["id"], {}), content)
        if launched.errors:
            return 400, launched.errors
        job = {"id": next(iter(self.ids)), "template": template, **launched.job}
        self.jobs.append(job)
        return 201, {"job": job["id"], "ignored_fields": launched.ignored}

    def _update(self, project: Object) -> tuple[int, Object]:
        started = self._fetch(project)
        return 202, {"project_update": started, "url": f"{API}project_updates/{started}/"}

    def _fetch(self, project: Object) -> int:
        """Fetch a project, and return the id of that update, which is over at once."""
        if self.can_fetch:
            project["scm_revision"] = f"revision of {project['scm_branch']}"
        update = {
            "status": "successful" if self.can_fetch else "failed",
            "failed": not self.can_fetch,
            "finished": "2026-11-25T00:00:00Z",
            "event_processing_finished": True,
            "scm_revision": project["scm_revision"],
        }
        return int(self.add("project_updates", update)["id"])

    def _change(self, kind: str, one: Object, content: Object) -> Object:
        """Change an object, as PATCH does."""
        changed = {**one, **_without_null_kind(content)}
        self._check(kind, changed, one)
        if kind == "projects" and any(changed[name] != one[name] for name in ("scm_url", "scm_branch")):
            changed["current_update"] = self._fetch(changed)
        one.update(changed)
        return one

    def _check(self, kind: str, new: Object, old: Object) -> None:
        """Refuse what AWX refuses, and complete what it completes."""
        for name, other in RELATED.items():
            if new.get(name) is not None and new[name] not in self.objects[other]:
                raise RefusedError(400, {name: [f'Invalid pk "{new[name]}" - object does not exist.']})
        checks: dict[str, Callable[[], None]] = {
            "credential_types": lambda: self._check_credential_type(new, old),
            "credentials": lambda: self._check_credential(new, old),
            "execution_environments": lambda: self._check_execution_environment(new, old),
            "job_templates": lambda: self._check_job_template(new),
            "workflow_job_template_nodes": lambda: self._check_node(new),
        }
        if kind in checks:
            checks[kind]()
        same = UNIQUE[kind]
        for one in self.objects[kind].values():
            if one.get("id") != new.get("id") and all(one.get(name) == new.get(name) for name in same):
                raise RefusedError(400, {"__all__": [f"One of {kind} with this {' and '.join(same)} already exists."]})

    def _check_credential_type(self, new: Object, old: Object) -> None:
        in_use = old and any(one["credential_type"] == old["id"] for one in self.objects["credentials"].values())
        if in_use and new["inputs"] != old["inputs"]:
            raise RefusedError(
                403, {"detail": "Modifications to inputs are not allowed for credential types that are in use"}
            )

    def _check_credential(self, new: Object, old: Object) -> None:
        """AWX does not look whether what the type requires is there."""
        known = {one["id"] for one in self._fields(new)}
        if unknown := new["inputs"].keys() - known:
            raise RefusedError(400, {"inputs": [f"Additional properties are not allowed: {sorted(unknown)}"]})
        for name in self._secret_fields(new):
            if old and new["inputs"].get(name) == ENCRYPTED:
                # Where there is none to keep, this is a KeyError, in AWX as well.
                new["inputs"] = {**new["inputs"], name: old["inputs"][name]}

    def _check_execution_environment(self, new: Object, old: Object) -> None:
        if old and new["organization"] not in {None, old["organization"]}:
            raise RefusedError(400, {"organization": ["Cannot change the organization of an execution environment"]})

    def _check_node(self, new: Object) -> None:
        template = self.objects["job_templates"].get(new["unified_job_template"])
        if template is None:
            # An approval, or a node that becomes one.
            return
        if errors := refuse_node(template, self.survey_of.get(template["id"], {}), new):
            raise RefusedError(400, errors)

    def _check_job_template(self, new: Object) -> None:
        project = self.objects["projects"][new["project"]]
        if new["playbook"] not in self.playbooks or not project["scm_revision"]:
            raise RefusedError(400, {"playbook": ["Playbook not found for project."]})
        if new["inventory"] is None and not new["ask_inventory_on_launch"]:
            raise RefusedError(400, {"inventory": ["You must either set a default value or ask to prompt on launch."]})
        new["organization"] = project["organization"]

    def _fields(self, credential: Object) -> list[Object]:
        fields: list[Object] = self.objects["credential_types"][credential["credential_type"]]["inputs"]["fields"]
        return fields

    def _secret_fields(self, credential: Object) -> set[str]:
        return {one["id"] for one in self._fields(credential) if one.get("secret")}


def _without_null_kind(content: Object) -> Object:
    """AWX takes no kind for the usual one."""
    return {name: value for name, value in content.items() if (name, value) != ("kind", None)}
