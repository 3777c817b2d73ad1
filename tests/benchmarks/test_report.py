"""The page and the chart: whole, by themselves, and right where they place things."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from benchmarks import chart, report
from benchmarks.report import Axis, Growth
from benchmarks.results import PeerResult, Promise, Results

from .sample import SIZES, results

VOID = {"meta", "link", "br", "img", "wbr", "hr", "input"}
NOTHING = replace(results(), sizes=(), peers=(), promises=())
PARTS = [
    replace(results(), peers=()),
    replace(results(), sizes=results().sizes[:1]),
    replace(results(), promises=()),
    replace(results(), sizes=()),
    NOTHING,
]
NAMES = ["no peers", "one size", "no promises", "no sizes", "nothing"]


class Page(HTMLParser):
    """The page as a reader gets it; fails at a tag that is not closed, or closed in the wrong place."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, each, value in self.attributes if each == name]


@pytest.fixture(scope="module")
def whole() -> Page:
    return Page(report.render(results()))


def test_every_statement_and_its_plan_is_there(whole: Page) -> None:
    statements = results().sizes[-1].queries
    assert len(statements) > 80
    for query in statements:
        # Its budget at each size, growth and plan, at least.
        assert whole.text.count(query.call) >= len(SIZES) + 2, query.call
    assert whole.text.count("Index Scan using movies_pkey") == len(statements)


def test_every_row_tells_p50_p95_and_target(whole: Page) -> None:
    for size in results().sizes:
        for query in size.queries:
            row = (
                re.escape(query.call)
                + r"\s*"
                + r"".join(
                    re.escape(text) for text in (report.measured(query.timing.p50), report.measured(query.timing.p95))
                )
            )
            assert re.search(row + report.figure(query.target), whole.text), query.call


def test_every_promise_is_there_and_the_broken_ones_lead(whole: Page) -> None:
    promises = results().promises
    for promise in promises:
        assert promise.name in whole.text
    broken = sorted((p for p in promises if not p.kept), key=report.excess, reverse=True)
    assert len(broken) > 1
    head, _, _ = whole.text.partition("Latency against target")
    assert f"{len(promises) - len(broken)} of {len(promises)} promises kept" in head
    places = [head.index(promise.name) for promise in broken]
    assert places == sorted(places)
    assert whole.text.count("▲ broken") == len(broken)


def test_every_peer_has_its_ratio_or_its_reason(whole: Page) -> None:
    _, _, part = whole.text.partition("Peers side by side")
    for peer in results().peers:
        assert peer.client in part
        assert peer.note in part
    assert part.count("6.90") == 12


def test_the_main_chart_is_of_the_queries_of_the_specification() -> None:
    found = report.specified(results().sizes[-1].queries)
    assert len(found) == 10
    assert [query.name for query in found][:1] == ["movies.genre_statistics"]
    shares = [report.share(query) for query in found]
    assert shares == sorted(shares, reverse=True)


def test_the_page_refers_to_nothing_outside(whole: Page) -> None:
    assert not re.search(r"@import|url\(|<script|<link|<img|<iframe", report.render(results()))
    references = whole.values("href") + whole.values("src")
    assert references
    assert all(value.startswith("#") for value in references)


def test_every_link_has_its_place(whole: Page) -> None:
    places = whole.values("id")
    assert len(places) == len(set(places))
    assert {value.removeprefix("#") for value in whole.values("href")} <= set(places)
    assert set(whole.values("aria-labelledby")) <= set(places)


def test_names_are_escaped() -> None:
    evil = "<script>alert('1')</script>&"
    found = results()
    query = replace(found.sizes[0].queries[0], name=evil, call=evil, budget=evil, plan=evil)
    sizes = tuple(replace(size, queries=(query,)) for size in found.sizes[:2])
    found = replace(
        found,
        machine=replace(found.machine, cpu=evil, settings={evil: evil}),
        sizes=sizes,
        peers=(PeerResult(evil, evil, evil, 1.0, evil),),
        promises=(Promise(evil, 2, 1, evil),),
    )
    text = report.render(found)
    assert "<script" not in text
    assert Page(text).text.count(evil) > 10


@pytest.mark.parametrize("part", PARTS, ids=NAMES)
def test_what_is_missing_is_left_out(part: Results) -> None:
    page = Page(report.render(part))
    heads = {value for tag, name, value in page.attributes if (tag, name) == ("h2", "id")}
    assert ("latency" in heads) == ("plans" in heads) == bool(part.sizes)
    assert ("growth" in heads) == (len(part.sizes) > 1)
    assert ("peers" in heads) == bool(part.peers)
    assert ("promises" in heads) == bool(part.promises)
    assert ("--peers" in page.text) == (not part.peers)
    assert ("--scale" in page.text) == (len(part.sizes) < 2)


def test_all_promises_kept_is_said() -> None:
    page = Page(report.render(replace(NOTHING, promises=(Promise("a", 1, 2, "ms"), Promise("b", 2, 2, "ms")))))
    assert "All 2 promises kept" in page.text
    assert "broken" not in page.text


def test_the_page_of_a_long_run_stays_small(tmp_path: Path) -> None:
    found = results()
    sizes = tuple(replace(size, queries=(size.queries * 2)[:150]) for size in found.sizes)
    report.write(replace(found, sizes=sizes), tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size < 1_500_000


@pytest.mark.parametrize(
    ("value", "place"), [(0.1, 0), (1, 100 / 3), (10, 200 / 3), (100, 100), (0.01, 0), (0, 0), (1000, 100)]
)
def test_a_value_has_its_place_on_the_axis(value: float, place: float) -> None:
    assert Axis(0.1, 100).at(value) == pytest.approx(place, abs=0.01)


def test_an_axis_spans_whole_decades() -> None:
    assert report.decades([0.31, 15]) == Axis(0.1, 100)
    assert report.decades([1]) == Axis(1, 10)
    assert report.decades([0.0]) == Axis(1, 10)
    assert report.decades([0.0, 20]) == Axis(10, 100)
    assert report.decades([0.31, 15]).ticks == pytest.approx([0.1, 1, 10, 100])


def test_curves_are_relative_and_the_steep_are_those_with_a_limit() -> None:
    growth = Growth(report.curves(results().sizes))
    factors = [curve.factor for curve in growth.curves]
    assert factors == sorted(factors, reverse=True)
    assert growth.curves[0].query.name.startswith("movies.list_")
    assert [curve.query.name for curve in growth.steep] == ["movies.genre_statistics", "movies.list_calendar"]
    assert growth.panels[0].ratios[0] == (SIZES[0], 1.0)
    assert growth.panels[0].ratios[-1][1] == pytest.approx(100**0.33)
    assert growth.across == Axis(SIZES[0], SIZES[-1])


def test_peers_stand_fastest_first_and_those_without_a_time_last() -> None:
    found = [PeerResult("t", "sync", client, p50) for client, p50 in (("a", 3.0), ("b", None), ("radarr_db", 2.0))]
    (comparison,) = report.comparisons(found)
    assert [(bar.peer.client, bar.ratio) for bar in comparison.bars] == [("radarr_db", 1.0), ("a", 1.5), ("b", None)]
    assert (comparison.won, comparison.cut, report.longest([comparison])) == (True, False, 1.5)
    (alone,) = report.comparisons(found[:1])
    assert (alone.bars[0].ratio, alone.won) == (None, False)
    (slow,) = report.comparisons([*found, PeerResult("t", "sync", "c", 20.0), PeerResult("t", "sync", "d", 1.0)])
    assert (slow.won, slow.cut, report.longest([slow])) == (False, True, report.LONGEST_BAR)


def test_the_sides_of_a_task_stand_beside_each_other() -> None:
    order = [(each.task, each.side) for each in report.comparisons(results().peers)]
    assert order[:4] == [("lookup", "sync"), ("lookup", "async"), ("page of 50", "sync"), ("page of 50", "async")]


def test_how_far_a_promise_is_broken() -> None:
    assert report.excess(Promise("a", 3, 2, "ms")) == 1.5
    assert report.excess(Promise("a", 1, 0, "errors")) == math.inf
    assert report.excess(Promise("a", 0, 0, "errors")) == 0


@pytest.mark.parametrize(
    ("value", "text", "short"),
    [
        (0, "0", "0"),
        (0.00012345, "0.000123", "0.000123"),
        (0.08, "0.0800", "0.08"),
        (0.9996, "1.00", "1"),
        (4.7, "4.70", "4.7"),
        (15, "15.0", "15"),
        (99.96, "100", "100"),
        (120, "120", "120"),
        (1_234_567.8, "1,234,568", "1,234,568"),
    ],
)
def test_figures_have_three_digits(value: float, text: str, short: str) -> None:
    assert (report.measured(value), report.figure(value)) == (text, short)


def test_bytes_and_parts_are_for_reading() -> None:
    assert [report.in_bytes(count) for count in (0, 1023, 1024, 1.5 * 1024**3, 2 * 1024**4)] == [
        "0 B",
        "1,023 B",
        "1 KiB",
        "1.5 GiB",
        "2 TiB",
    ]
    assert [report.per_cent(part) for part in (0, 0.001, 0.5, 6.22)] == ["0 %", "< 1 %", "50 %", "622 %"]


def size_of(path: Path) -> tuple[int, int]:
    """The width and height that a PNG states."""
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


@pytest.mark.parametrize("part", [results(), *PARTS], ids=["whole", *NAMES])
def test_the_chart_is_as_wide_as_a_readme_at_twice_its_resolution(tmp_path: Path, part: Results) -> None:
    chart.write(part, tmp_path / "chart.png")
    width, height = size_of(tmp_path / "chart.png")
    assert width == 1600
    panels = bool(part.sizes) + bool(part.peers)
    assert height > 200 + 400 * panels


def test_the_chart_shows_what_the_specification_claims() -> None:
    drawn = chart.draw(results())
    texts = {text.get_text() for part in drawn.subfigs for axes in part.axes for text in axes.texts}
    for query in report.specified(results().sizes[-1].queries):
        assert {
            report.measured(query.timing.p50),
            report.figure(query.target),
            report.figure(query.claimed or 0),
        } <= texts
    assert "▲ 93.3" in texts
    assert {"6.90", "0.94", "none"} <= texts
