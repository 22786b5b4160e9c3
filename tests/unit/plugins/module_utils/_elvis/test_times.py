# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments as people and Elvis write them."""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.times import (
    NoTime,
    as_number,
    format_time,
    parse_moment,
    parse_time,
    parse_zone,
)
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError

BERLIN = ZoneInfo("Europe/Berlin")
UTC = timezone(timedelta(0))
MOMENT = 1521956554000  # 2018-03-25 05:42:34 UTC


@pytest.mark.parametrize(
    ("text", "zone", "milliseconds"),
    [
        ("2018-03-25T05:42:34Z", None, MOMENT),
        ("2018-03-25T05:42:34.000Z", None, MOMENT),
        ("2018-03-25t05:42:34z", None, MOMENT),
        ("2018-03-25 07:42:34 +0200", None, MOMENT),
        ("2018-03-25T07:42:34+02:00", None, MOMENT),
        ("2018-03-25T07:42:34+02", BERLIN, MOMENT),
        ("2018-03-24T22:12:34-07:30", None, MOMENT),
        ("  2018-03-25T05:42:34Z\n", None, MOMENT),
        ("1521956554000", None, MOMENT),
        ("2018-03-25T05:42:34.5Z", None, MOMENT + 500),
        ("2018-03-25T05:42:34,123456789Z", None, MOMENT + 123),
        ("2018-03-25T05:42Z", None, MOMENT - 34_000),
        ("2018-03-25 07:42:34", BERLIN, MOMENT),
        ("2018-03-25", UTC, 1521936000000),
        ("2018-03-25", BERLIN, 1521932400000),
        ("1970-01-01T00:00:00Z", None, 0),
        ("-1521956554000", None, -MOMENT),
        ("123456789012", None, 123456789012),
        ("1969-12-31T23:59:59Z", None, -1000),
        ("2100-01-01T00:00:00Z", None, 4102444800000),
        ("0001-01-01T00:00:00+14:00", None, -62135647200000),
    ],
)
def test_what_is_read(text: str, zone: tzinfo | None, milliseconds: int) -> None:
    assert parse_time(text, zone) == milliseconds


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("2018-03-25T05:42:34", "without a zone"),
        ("2018-03-25", "without a zone"),
        ("2018-02-30T00:00:00Z", "not a time that exists"),
        ("2018-03-25T25:00:00Z", "not a time that exists"),
        ("2018-03-25T00:00:00+99:00", "not a time that exists"),
        ("25.03.2018", "is not a time"),
        ("yesterday", "is not a time"),
        ("2018", "is not a time"),
        ("20180325", "is not a time: milliseconds since 1970 have 12 to 15 digits"),
        ("0", "12 to 15 digits"),
        ("1388620800", "12 to 15 digits"),
        ("20140102123000123", "12 to 15 digits"),
        ("201401021230", "reads as a calendar date"),
        ("20140102123000", "reads as a calendar date"),
        ("190001010000", "reads as a calendar date"),
        ("", "is not a time"),
        ("1e12", "is not a time"),
        ("２０１８-03-25", "is not a time"),
    ],
)
def test_what_is_not(text: str, mistake: str) -> None:
    found = parse_time(text, None)
    assert isinstance(found, NoTime)
    assert mistake in found.mistake


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (MOMENT, "2018-03-25T05:42:34Z"),
        (MOMENT + 7, "2018-03-25T05:42:34.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-62135596800000, "0001-01-01T00:00:00Z"),
        (10**17, "100000000000000000"),
    ],
)
def test_what_is_written(milliseconds: int, text: str) -> None:
    assert format_time(milliseconds) == text
    assert parse_time(text, None) == milliseconds or text.isdigit()


@pytest.mark.parametrize(
    ("milliseconds", "zone", "text"),
    [
        (MOMENT, BERLIN, "2018-03-25T07:42:34+02:00"),
        (MOMENT - 86400000, BERLIN, "2018-03-24T06:42:34+01:00"),
        (MOMENT + 7, ZoneInfo("America/St_Johns"), "2018-03-25T03:12:34.007-02:30"),
        (MOMENT, timezone(timedelta(0)), "2018-03-25T05:42:34+00:00"),
        # before there were zones, and where there is no such day
        (-3000000000000, BERLIN, "1874-12-07T18:40:00Z"),
        (10**17, BERLIN, "100000000000000000"),
    ],
)
def test_what_is_written_in_a_zone(milliseconds: int, zone: tzinfo, text: str) -> None:
    assert format_time(milliseconds, zone) == text
    assert parse_time(text, None) == milliseconds or text.isdigit()


def test_zones() -> None:
    assert parse_zone("Europe/Berlin") == BERLIN
    assert parse_zone("utc") == UTC
    assert parse_zone("-03:30") == timezone(timedelta(hours=-3, minutes=-30))


@pytest.mark.parametrize("name", ["Europe/Bielefeld", "", "../etc/passwd", "/etc/localtime", "+99:00", "CEST+"])
def test_unknown_zones(name: str) -> None:
    with pytest.raises(ElvisError, match="timezone"):
        parse_zone(name)


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5.0), ("5", 5.0), (" 5.50 ", 5.5), ("-5", -5.0), ("five", None), ("", None), (True, None), (None, None)],
)
def test_numbers(value: object, number: float | None) -> None:
    assert as_number(value) == number


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("15m", 900), (" 48 H ", 172_800), ("7d", 604_800), ("2w", 1_209_600)],
)
def test_an_age_counts_back_from_now(text: str, seconds: int) -> None:
    assert parse_moment(text, None, MOMENT) == MOMENT - 1000 * seconds


@pytest.mark.parametrize("text", ["48", "h", "-1h", "1.5h", "1y", "1000000000s", "1h 30m", "٣h"])
def test_what_is_no_age(text: str) -> None:
    assert isinstance(parse_moment(text, UTC, MOMENT), NoTime)


def test_a_moment_may_be_a_time() -> None:
    assert parse_moment("2018-03-25T05:42:34Z", None, 0) == MOMENT
