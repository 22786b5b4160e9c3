# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site can be read on a phone and on a desktop, and asks nothing of any other machine."""

from __future__ import annotations

import re

import pytest

from tests.site.conftest import Reader
from tests.site.pages import FOR_READERS

# What sticks out of the window, unless it lies in something that scrolls by itself.
STICKING_OUT = """
() => {
  const width = document.documentElement.clientWidth;
  const scrolls = node => node && node.tagName !== "BODY"
    && (["auto", "scroll"].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  const out = [...document.querySelectorAll("article *")]
    .filter(node => node.getBoundingClientRect().right > width + 1 && !scrolls(node.parentElement))
    .map(node => `${node.tagName} ${node.className} "${node.textContent.slice(0, 40)}"`);
  const whole = document.documentElement.scrollWidth;
  return whole > width ? [`the page is ${whole} wide`, ...out] : out;
}
"""
# The text of what a task prints, and on a phone commands, where one would have to scroll for the end.
CUT_TEXT = """
() => [...document.querySelectorAll(innerWidth > 500 ? ".highlight-text pre"
    : ".highlight-text pre, .highlight-shell pre, .highlight-sh pre, .highlight-console pre")]
  .filter(text => text.scrollWidth > text.clientWidth + 1).map(text => text.textContent.slice(0, 80))
"""
TEXT_ACROSS_A_BOX = """
() => [...document.querySelectorAll("svg.picture")].flatMap(picture => {
  const boxes = [...picture.querySelectorAll("rect")].map(box => box.getBoundingClientRect());
  const lies = (inner, outer) => inner.left >= outer.left && inner.right <= outer.right
    && inner.top >= outer.top && inner.bottom <= outer.bottom;
  const touches = (one, other) => one.left < other.right && one.right > other.left
    && one.top < other.bottom && one.bottom > other.top;
  return [...picture.querySelectorAll("text")].filter(text => {
    const label = text.getBoundingClientRect();
    return boxes.some(box => touches(label, box) && !lies(label, box));
  }).map(text => text.textContent);
})
"""
TEXT_OUTSIDE_OF_PICTURE = """
() => [...document.querySelectorAll("svg.picture")].flatMap(picture => {
  const outer = picture.getBoundingClientRect();
  return [...picture.querySelectorAll("text")].filter(text => {
    const inner = text.getBoundingClientRect();
    return inner.left < outer.left || inner.right > outer.right || inner.top < outer.top || inner.bottom > outer.bottom;
  }).map(text => text.textContent);
})
"""
COLOURS = """
() => [document.body, document.querySelector("svg.picture text"), document.querySelector("svg.picture .box")]
  .map((node, number) => getComputedStyle(node)[number ? "fill" : "backgroundColor"])
  .map(colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part) / 3)
"""
BARS = """
() => [...document.querySelectorAll(".chart.pairs .pair")].map(pair =>
  [...pair.querySelectorAll("rect")].map(bar => bar.getBoundingClientRect().width))
"""
ROWS = """
() => [...document.querySelector("article table").querySelectorAll("tbody tr")]
  .map(row => [...row.cells].map(cell => cell.textContent.trim()))
"""
COMPARED = """
() => [...document.querySelectorAll("article tbody tr")]
  .map(row => [...row.cells].map(cell => cell.textContent.trim())).filter(row => row.length > 3)
"""
STACKS = """
() => [...document.querySelectorAll(".chart.stacks")].map(chart =>
  [...chart.querySelectorAll("svg.bar")].map(bar => {
    const whole = bar.getBoundingClientRect().width;
    return [...bar.querySelectorAll("rect")].map(rect => rect.getBoundingClientRect().width / whole);
  }))
"""


def test_every_page_fits_and_asks_nobody_else(reader: Reader) -> None:
    too_wide = {}
    for name in FOR_READERS:
        reader.page.goto(name)
        if out := [*reader.page.evaluate(STICKING_OUT), *reader.page.evaluate(CUT_TEXT)]:
            too_wide[name] = out

    assert too_wide == {}
    assert reader.wrong == []


def test_search_finds_a_module(reader: Reader) -> None:
    page = reader.page
    page.goto("index.html")
    box = page.locator("input.sidebar-search")
    if not box.is_visible() or (box.bounding_box() or {"x": -1})["x"] < 0:
        page.locator("header label[for='__navigation']").click()
    box.fill("elvis_logout")
    box.press("Enter")
    results = page.locator("#search-results ul.search li a")
    results.first.wait_for()
    found = [link.get_attribute("href") or "" for link in results.all()]

    results.filter(has_text="elvis_logout module").first.click()
    page.wait_for_url("**/reference/elvis_logout_module.html*")

    assert any("elvis_logout_module" in link for link in found[:3]), found
    assert "Log out of Elvis" in page.locator("article").inner_text()
    assert reader.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("switched", [False, True], ids=["as the system", "switched on the page"])
def test_pictures_are_light_or_dark_as_the_page_is(scheme: str, switched: bool, reader: Reader) -> None:
    page, other = reader.page, {"light": "dark", "dark": "light"}[scheme]
    page.emulate_media(color_scheme=other if switched else scheme)
    page.goto("docs/pictures.html")
    if switched:
        page.evaluate(f"document.body.dataset.theme = '{scheme}'")

    background, ink, paper = page.evaluate(COLOURS)

    assert (background > 128) == (paper > 128) == (ink < 128) == (scheme == "light"), (background, ink, paper)
    assert abs(ink - paper) > 150
    assert page.evaluate(TEXT_OUTSIDE_OF_PICTURE) == []
    assert page.evaluate(TEXT_ACROSS_A_BOX) == []


def seconds_or_mib(figure: str) -> float | None:
    found = re.match(r"([\d.]+) .*?(ms|s|MiB)$", figure)
    return float(found[1]) * (0.001 if found[2] == "ms" else 1) if found else None


def test_bars_are_as_long_as_the_table_says(reader: Reader) -> None:
    reader.page.goto("docs/performance.html")
    figures = [(seconds_or_mib(row[1]), seconds_or_mib(row[3])) for row in reader.page.evaluate(COMPARED)]
    expected = [ours / theirs for ours, theirs in figures if ours and theirs]

    drawn = [ours / theirs for ours, theirs in reader.page.evaluate(BARS)]

    assert len(expected) > 5
    assert drawn == pytest.approx(expected, rel=0.05)


def test_stacks_are_as_long_as_the_table_says(reader: Reader) -> None:
    reader.page.goto("docs/reliability.html")
    cells = [row[1:] for row in reader.page.evaluate(ROWS) if row[1]]
    calls = list(zip(*cells, strict=True))
    succeeded = [sum(cell.startswith("ok") for cell in call) / len(call) for call in calls]
    in_doubt = [sum(cell.endswith("?") for cell in call) / len(call) for call in calls]
    sent_thrice = [sum(" 3" in cell for cell in call) / len(call) for call in calls]

    ends, requests = reader.page.evaluate(STACKS)

    assert len(calls) == 5
    assert [bars[0] for bars in ends] == pytest.approx(succeeded, abs=0.01)
    assert [bars[2] for bars in ends] == pytest.approx(in_doubt, abs=0.01)
    assert [bars[3] for bars in requests] == pytest.approx(sent_thrice, abs=0.01)
