"""Charts of a report's figures: where a share lies in them."""

from __future__ import annotations

import pytest

from webapp.presenters import charts


def bin_of(images: int, confidence: float, accuracy: float) -> dict[str, object]:
    return {
        "images": images,
        "confidence": confidence,
        "accuracy": accuracy,
        "interval": [accuracy / 2, accuracy],
    }


def test_a_share_lies_between_the_axes_ends() -> None:
    chart = charts.present_reliability([bin_of(4, 0.0, 0.0), bin_of(0, 0.3, 0.3), bin_of(100, 1.0, 1.0)])
    assert chart is not None
    first, last = chart.dots
    assert (first.x, first.y) == (charts.LEFT, charts.BOTTOM)
    assert (last.x, last.y) == (charts.RIGHT, charts.TOP)
    assert last.low == (charts.TOP + charts.BOTTOM) / 2
    assert last.radius > first.radius
    assert [tick.text for tick in chart.up] == [
        f"{share}\N{NO-BREAK SPACE}%" for share in (0, 25, 50, 75, 100)
    ]


def test_where_nothing_was_measured_there_is_no_chart() -> None:
    assert charts.present_reliability([]) is None
    assert charts.present_reliability([bin_of(0, 0.5, 0.5)]) is None
    assert charts.present_coverage(None) is None
    assert charts.present_confusion(["a"], None, "test") is None
    assert charts.present_training({}) == ()
    assert charts.present_training({"accuracy": [0.5]}) == ()


def test_a_loss_has_an_axis_of_its_own() -> None:
    (chart,) = charts.present_training({"loss": [2.2, 1.0, 0.5], "val_loss": [1.9, 1.1, 0.9]})
    assert [tick.text for tick in chart.up] == ["0.0", "0.6", "1.2", "1.9", "2.5"]
    assert [tick.text for tick in chart.across] == ["1", "2", "3"]
    assert [line.kind for line in chart.lines] == ["training", "validation"]
    places = [float(pair.partition(",")[2]) for pair in chart.lines[0].points.split()]
    assert places == sorted(places), "downwards, as the loss falls"
    assert places[0] == pytest.approx(charts.BOTTOM - 2.2 / 2.5 * (charts.BOTTOM - charts.TOP), abs=0.1)


def test_a_confusion_maps_rows_are_shares_of_their_expression() -> None:
    view = charts.present_confusion(["calm", "glad"], [[3, 1], [0, 0]], "test")
    assert view is not None
    assert [[cell.percent for cell in row] for row in view.rows] == [["75", "25"], ["0", "0"]]
    assert [[cell.shade for cell in row] for row in view.rows] == [[8, 2], [0, 0]]
    assert [[cell.right for cell in row] for row in view.rows] == [[True, False], [False, True]]
