# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The usage statistics: what clients log of their own, and the two reports that the vendor's plug-in asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from elvis_emulator import unknowns
from elvis_emulator.events.entry import Entry
from elvis_emulator.events.journal import CUSTOM_ACTION
from elvis_emulator.server import Call
from elvis_emulator.store.dates import UTC, parse_date
from elvis_emulator.store.kinds import domain_of
from elvis_emulator.web.errors import bad_request, not_found

_DEFAULT_ROWS = 1000


def log_usage(call: Call) -> object:
    """Log an action of a client with an asset; documented by the vendor."""
    given = call.parameters.query + call.parameters.form
    # The vendor's own collection spells it `assetID`.
    asset_id = next((value for name, value in given if name.lower() == "assetid" and value), "")
    if not asset_id:
        raise bad_request("Required parameter 'assetId' is not present")
    action = call.parameters.required("action")
    if not action.startswith(CUSTOM_ACTION):
        # Documented: a name without the prefix gets it.
        action = CUSTOM_ACTION + action
    asset = call.server.store.asset(asset_id)
    details = {
        name: value for name, value in given if name not in ("action", "csrfToken") and name.lower() != "assetid"
    }
    call.server.journal.note(action, asset.id, asset.path, details)
    return unknowns.EMPTY_REPLY


def query_stats(call: Call) -> object:
    """Count what was logged, grouped as asked; the parameters and the columns are those of the vendor's plug-in."""
    parameters = call.parameters
    report = parameters.required("queryFile").rpartition("/")[2]
    if report not in ("usageLog.sql", "usageLogChart.sql"):
        raise not_found(f"No such query: {report[:100]}")
    is_chart = report == "usageLogChart.sql"
    grouped = [name for name in _COLUMNS if parameters.flag(f"group_by_{name}")]
    counted: Counter[tuple[str, ...]] = Counter()
    for entry in _entries(call):
        period = [_period_of(entry, parameters.text("periodicity"))] if is_chart else []
        counted[tuple(period + [_COLUMNS[name](call, entry) for name in grouped])] += 1
    names = [*(["action_date_rs"] if is_chart else []), *(f"{name}_rs" for name in grouped)]
    count_name = "download_count" if is_chart else "count_rs"
    rows = [dict(zip(names, key, strict=True)) | {count_name: count} for key, count in sorted(counted.items())]
    return rows[: parameters.number("num", _DEFAULT_ROWS)]


def _entries(call: Call) -> Iterator[Entry]:
    """What was logged in the period that is asked for, of the actions that are asked for."""
    wanted = {action.strip() for action in call.parameters.text("action_type").split(",") if action.strip()}
    start, end = _date(call, "period_start"), _date(call, "period_end")
    for entry in call.server.journal.latest():
        if (not wanted or entry.action in wanted) and (start or 0) <= entry.time and (end is None or entry.time < end):
            yield entry


def _date(call: Call, name: str) -> int | None:
    text = call.parameters.text(name).strip()
    if not text:
        return None
    date = parse_date(text)
    if date is None:
        raise bad_request(f"Parameter '{name}' is not a date")
    return date


def _period_of(entry: Entry, periodicity: str) -> str:
    """The first day of the day, week or month of an entry."""
    day = datetime.fromtimestamp(entry.time / 1000, UTC).date()
    if periodicity == "week":
        day -= timedelta(days=day.weekday())
    return str(day.replace(day=1) if periodicity == "month" else day)


def _groups(call: Call, entry: Entry) -> str:
    groups = call.server.accounts.profile(entry.actor.user)["groups"]
    return unknowns.GROUPS_SEPARATOR.join(groups) if isinstance(groups, list) else ""


_COLUMNS: dict[str, Callable[[Call, Entry], str]] = {
    "user_name": lambda _call, entry: entry.actor.user,
    "user_groups": _groups,
    "client_type": lambda _call, entry: entry.actor.client_type,
    "asset_domain": lambda _call, entry: domain_of(entry.asset_type),
}
