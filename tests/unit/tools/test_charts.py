# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures, from the one who measures them to the one who draws them."""

from __future__ import annotations

import pytest

from tests.bench.table import _time
from tools.site.charts import Figure


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        ([0.0097, 0.00874, 0.0132], "9.70 (8.74–13.2) ms"),
        ([0.0999, 0.0994, 0.09996], "99.9 (99.4–100) ms"),
        ([0.932, 0.642, 1.0304], "932 (642–1030) ms"),
        ([0.9996, 0.9994, 0.99951], "1000 (999–1000) ms"),
        ([1.134, 1.07, 1.22], "1.13 (1.07–1.22) s"),
        ([1234.5, 1000, 98765], "1234 (1000–98765) s"),
    ],
)
def test_a_figure_is_written_out_and_can_be_drawn(seconds: list[float], shown: str) -> None:
    assert _time(seconds) == shown
    low, middle, high = sorted(seconds)
    assert Figure.read(shown) == pytest.approx((middle, low, high), rel=0.01)
