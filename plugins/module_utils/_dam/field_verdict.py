# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides whether wrong changes of a field can be taken back: the one rule for that. Private to damops.elvis.

No value is guessed. How a history writes a field with several values is not documented, and neither is the order of
changes in one millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, groupby, islice, permutations, product
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from .._elvis.field_values import is_empty, is_same, is_time, plain
from .._elvis.times import format_time
from .metadata_values import begins_with_sign

FieldOutcome = Literal["restored", "unchanged", "edited_since", "uncertain"]

MOST_ORDERS = 500
"""Orders of changes in the same milliseconds that are tried."""
Order = Sequence["FieldChange"]


class FieldChange(NamedTuple):
    """One change of one field, as the history of its asset has it.

    :param time: in milliseconds since 1970
    :param is_wrong: whether it is one of those to take back
    :param is_whole: whether the history has both values
    """

    time: int
    before: Any
    after: Any
    is_wrong: bool
    is_whole: bool = True


class Verdict(NamedTuple):
    """What becomes of a field.

    :param value: what it gets back
    """

    outcome: FieldOutcome
    why: str | None = None
    value: Any = None


NO_ORDER = Verdict("uncertain", "the history has changes in one millisecond, and their order can't be told")
HALF = Verdict("uncertain", "the history lacks the value before or after a change")
SEVERAL = Verdict("uncertain", "the history shows a field with several values in a form that can't be read for certain")
NO_SAMPLE = Verdict("uncertain", "it is empty now, and no asset shows whether the field holds one value or several")
NO_MOMENT = Verdict("uncertain", "the field holds times, and the history does not have this one in milliseconds")
NO_VALUE = Verdict("uncertain", "the history has a value of an unknown form")
BETWEEN = Verdict("edited_since", "another change lies between the changes to take back")
GAP = Verdict("edited_since", "the history lacks a change between the changes to take back")
LATER = Verdict("edited_since", "it was changed later")
OTHER_NOW = Verdict("edited_since", "its value is not the one that the last change in the history gave it")
SAME = Verdict("unchanged")


def judge(changes: Iterable[FieldChange], present: Any, sample: Any) -> Verdict:
    """Return what becomes of a field whose history has at least one wrong change.

    :param changes: all changes of the field since the first wrong one
    :param present: its value as a hit shows it, None where it is absent
    :param sample: a value of this field that is not empty, of any asset, which shows the form of the field
    """
    verdicts = [_judge(order, present, sample) for order in _possible_orders(changes)]
    return verdicts[0] if verdicts and all(verdict == verdicts[0] for verdict in verdicts) else NO_ORDER


def is_shown(changes: Iterable[FieldChange], present: Any) -> bool:
    """Tell whether a hit shows the last change; a search that lags does not.

    :param changes: at least one
    """
    ordered = list(changes)
    newest = max(change.time for change in ordered)
    last = [change for change in ordered if change.time == newest]
    # Several values can't be compared with what a history has of them.
    return isinstance(present, list) or any(not change.is_whole or _agree(change.after, present) for change in last)


def _possible_orders(changes: Iterable[FieldChange]) -> list[Order]:
    """Return the orders in which changes may have come, none where these are too many."""
    groups = [list(group) for _time, group in groupby(sorted(changes, key=attrgetter("time")), attrgetter("time"))]
    orders = list(islice(map(_joined, product(*map(permutations, groups))), MOST_ORDERS + 1))
    if len(orders) > MOST_ORDERS:
        return []
    return list(filter(_is_unbroken, orders)) or orders


def _joined(groups: Iterable[Iterable[FieldChange]]) -> Order:
    return list(chain.from_iterable(groups))


def _is_unbroken(order: Order) -> bool:
    return all(_agree(earlier.after, later.before) for earlier, later in zip(order, order[1:]))


def _judge(order: Order, present: Any, sample: Any) -> Verdict:
    wrong = [number for number, change in enumerate(order) if change.is_wrong]
    span, later = order[wrong[0] : wrong[-1] + 1], order[wrong[-1] + 1 :]
    broken = _break_in(span, later)
    if broken:
        return broken
    value, made, latest = span[0].before, span[-1].after, order[-1].after
    if _agree(value, latest):
        return SAME if _agree(latest, present) or isinstance(sample, list) else OTHER_NOW
    doubt = LATER if later else _doubt(value, made, present, sample)
    if doubt:
        return doubt
    if _agree(value, present):
        return SAME
    return Verdict("restored", value=_as_written(value, sample)) if _agree(made, present) else OTHER_NOW


def _break_in(span: Order, later: Order) -> Verdict | None:
    """Return why changes are not known to follow one from the other, None where they do."""
    if not all(change.is_whole for change in (*span, *later)):
        return HALF
    if not all(change.is_wrong for change in span):
        return BETWEEN
    return None if _is_unbroken(span) else GAP


def _doubt(value: Any, made: Any, present: Any, sample: Any) -> Verdict | None:
    """Return why the values of a history can't be read for certain, None where they can."""
    if any(isinstance(one, list) for one in (value, made, sample)):
        return None if _is_readable_list(value, made, present, sample) else SEVERAL
    if is_empty(value):
        return None
    if is_empty(sample):
        return NO_SAMPLE
    if not isinstance(plain(value), (str, int, float)):
        return NO_VALUE
    is_number = isinstance(plain(value), int) and not isinstance(plain(value), bool)
    return NO_MOMENT if is_time(sample) and not is_number else None


def _is_readable_list(value: Any, made: Any, present: Any, sample: Any) -> bool:
    """Tell whether lists can be read: a text may be one value, or several with something between them."""
    has_lists = isinstance(sample, list) and (is_empty(value) or isinstance(value, list))
    # Elvis could take such values for modifications.
    return has_lists and not begins_with_sign(value) and (isinstance(made, list) or _agree(made, present))


def _agree(one: Any, other: Any) -> bool:
    return is_same(plain(one), plain(other))


def _as_written(value: Any, sample: Any) -> Any:
    value = plain(value)
    return format_time(value) if is_time(sample) and not is_empty(value) else value
