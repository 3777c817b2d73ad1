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
from benchmarks.comparisons import comparisons, longest
from benchmarks.figures import beside, short
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
            self.text += data.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")

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


def shown(value: float, limit: float | None) -> str:
    """A figure as it stands in a row: marked if it is beyond its limit."""
    mark = "too much:▲ " if limit is not None and value > limit else ""
    return mark + beside(value, value if limit is None else limit)


def test_every_row_tells_p50_p95_and_target_and_marks_what_is_beyond_its_limit(whole: Page) -> None:
    for size in results().sizes:
        for query in size.queries:
            timing = query.timing
            figures = shown(timing.p50, query.claimed) + shown(timing.p95, query.target) + short(query.target)
            assert re.search(re.escape(query.call) + r"\s*" + re.escape(figures), whole.text), query.call


def test_every_broken_promise_leads_the_page_worst_first(whole: Page) -> None:
    promises = results().promises
    for promise in promises:
        assert promise.name in whole.text
    broken = sorted((p for p in promises if not p.kept), key=report.excess, reverse=True)
    assert len(broken) > 1
    head, _, _ = whole.text.partition("Latency against target")
    assert f"{len(broken)} of {len(promises)} promises broken" in head
    places = [head.index(f"{p.name}: {beside(p.found, p.limit)} {p.unit} found") for p in broken]
    assert places == sorted(places)
    assert whole.text.count("▲ broken") == len(broken)


def test_a_long_list_of_broken_promises_is_whole() -> None:
    found = replace(NOTHING, promises=tuple(Promise(f"promise {n:02}", n, 1, "ms") for n in range(2, 25)))
    head, _, _ = Page(report.render(found)).text.partition("Machine and versions")
    assert "23 of 23 promises broken" in head
    assert [int(number) for number in re.findall(r"promise (\d\d):", head)] == list(range(24, 1, -1))


def test_the_page_says_how_many_calls_miss_their_target_or_their_figure(whole: Page) -> None:
    queries = results().sizes[-1].queries
    late = [query for query in queries if report.share(query) > 1]
    above = [query for query in queries if report.above_claim(query)]
    assert (len(late), len(above)) == (1, 8)
    assert f"p95 above its target: 1 of {len(queries)}; p50 above the specification's figure: 8 of 10." in whole.text
    assert "▲ 8 of 10 above the specification's figure" in whole.text
    marked = [value for tag, name, value in whole.attributes if name == "class" and value == "mid missed"]
    assert len(marked) >= len(above)


def test_what_keeps_its_limits_is_said_to() -> None:
    found = results()
    (good,) = (query for query in found.sizes[0].queries if query.name == "movies.list_by_rating")
    page = Page(report.render(replace(found, sizes=(replace(found.sizes[0], queries=(good,)),), peers=())))
    assert "p95 above its target: none of 1; p50 above the specification's figure: none of 1." in page.text
    assert "1 call, all within target, none above the specification's figure" in page.text
    assert not [value for value in page.values("class") if "missed" in value]


def test_every_peer_has_its_ratio_or_its_reason(whole: Page) -> None:
    _, _, part = whole.text.partition("Peers side by side")
    for peer in results().peers:
        assert peer.client in part
        assert peer.note in part
    assert part.count("6.90") == 12


def test_a_faster_client_is_marked_and_told_at_the_head(whole: Page) -> None:
    faster = [each for each in comparisons(results().peers) if not each.won]
    assert [each.side for each in faster] == ["async"] * 5
    assert whole.values("class").count("faster") == whole.text.count("▲ \N{MULTIPLICATION SIGN} 0.940") == 5
    head, _, _ = whole.text.partition("Latency against target")
    assert "Another client is faster than radarr_db in 5 of 12 comparisons" in head
    assert "lower is better" in whole.text.partition("Peers side by side")[2]


def test_where_ours_is_the_fastest_no_client_is_marked() -> None:
    page = Page(
        report.render(replace(NOTHING, peers=tuple(p for p in results().peers if "connection" not in p.client)))
    )
    assert "radarr_db is the fastest in 12 of 12" in page.text
    assert "Another client" not in page.text
    assert "faster" not in page.values("class")


@pytest.mark.parametrize("awake", [True, False])
def test_how_it_was_measured_is_told(awake: bool) -> None:
    found = results()
    machine = replace(found.machine, awake=awake, session="jit=off")
    page = Page(report.render(replace(found, machine=machine)))
    assert "sessionsjit=off" in re.sub(r"\s+", "", page.text)
    assert ("2, kept awake" in page.text) == ("keeps the core awake" in page.text) == awake


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
    (comparison,) = comparisons(found)
    assert [(bar.peer.client, bar.ratio) for bar in comparison.bars] == [("radarr_db", 1.0), ("a", 1.5), ("b", None)]
    assert (comparison.won, longest([comparison], 5)) == (True, 1.5)
    (alone,) = comparisons(found[:1])
    assert (alone.bars[0].ratio, alone.won, alone.bars[0].faster) == (None, False, False)
    (slow,) = comparisons([*found, PeerResult("t", "sync", "c", 20.0), PeerResult("t", "sync", "d", 1.0)])
    assert (slow.won, [bar.peer.client for bar in slow.bars if bar.faster]) == (False, ["d"])
    assert longest([slow], 5) == 5


def test_the_sides_of_a_task_stand_beside_each_other() -> None:
    order = [(each.task, each.side) for each in comparisons(results().peers)]
    assert order[:4] == [("lookup", "sync"), ("lookup", "async"), ("page of 50", "sync"), ("page of 50", "async")]


def test_how_far_a_promise_is_broken() -> None:
    assert report.excess(Promise("a", 3, 2, "ms")) == 1.5
    assert report.excess(Promise("a", 1, 0, "errors")) == math.inf
    assert report.excess(Promise("a", 0, 0, "errors")) == 0


def test_bytes_and_parts_are_for_reading() -> None:
    assert [report.in_bytes(count) for count in (0, 1023, 1024, 1.5 * 1024**3, 2 * 1024**4)] == [
        "0 B",
        "1,023 B",
        "1 KiB",
        "1.5 GiB",
        "2 TiB",
    ]
    assert [report.per_cent(part) for part in (0, 0.001, 0.5, 1, 1.001, 6.22)] == [
        "0 %",
        "< 1 %",
        "50 %",
        "100 %",
        "> 100 %",
        "622 %",
    ]


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
    panels = bool(part.sizes) + 2 * bool(part.peers)
    assert height > 200 + 400 * panels


def test_the_chart_shows_what_the_specification_claims_and_marks_what_misses_it() -> None:
    drawn = chart.draw(results())
    texts = {text.get_text() for part in drawn.subfigs for axes in part.axes for text in axes.texts}
    for query in report.specified(results().sizes[-1].queries):
        p50 = beside(query.timing.p50, query.claimed or 0)
        assert {
            f"▲ {p50}" if report.above_claim(query) else p50,
            short(query.target),
            short(query.claimed or 0),
        } <= texts
    assert "▲ 93.3" in texts
    assert {"6.90", "0.940", "none"} <= texts


def test_the_chart_tells_a_faster_client_from_the_others() -> None:
    drawn = chart.draw(results())
    weights = {
        (text.get_text(), text.get_fontweight())
        for part in drawn.subfigs[1:]
        for axes in part.axes
        for text in axes.texts
    }
    assert {weight for text, weight in weights if text == "0.940"} == {"bold"}
    assert {weight for text, weight in weights if text == "6.90"} == {"normal"}
