from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from repositories.factories import DAY, PAST, at_once, group, versions, written

from radarr_db import Database, InvalidArgumentError, NewSceneGroup, SceneGroup, Transaction, scene_groups

STORED = group(
    reputation_score=85.5,
    quality_tier="excellent",
    confidence_level="medium",
    total_releases=1500,
    internal_releases=5,
    completed_downloads=3,
    total_downloads=4,
    categories=["film", "tv"],
    analysis_data={"reputation_factors": {"seeder_health_score": 90.2}},
    first_seen=PAST,
    last_analyzed=PAST,
)
ANALYSED: dict[str, Any] = {
    "reputation_score": 91.25,
    "quality_tier": "elite",
    "confidence_level": "high",
    "total_releases": 1501,
    "internal_releases": 0,
    "categories": [],
    "analysis_data": {},
    "last_analyzed": None,
}
KEPT: dict[str, Any] = {
    "name": "sparks",
    "completed_downloads": 0,
    "total_downloads": 9,
    "first_seen": PAST + DAY,
}


def found(tx: Transaction, query: Any) -> list[str]:
    return [g.name for g in tx.run(query)]


def test_a_group_is_found_by_its_name_in_any_case(tx: Transaction) -> None:
    stored = tx.run(scene_groups.upsert(STORED))
    for name in ("SPARKS", "sparks", "SpArKs"):
        assert tx.run(scene_groups.find_by_name(name)) == stored
    assert tx.run(scene_groups.find_by_name("SPARK")) is None
    assert {f.name: getattr(stored, f.name) for f in dataclasses.fields(STORED)} == dataclasses.asdict(STORED)


def test_each_field_of_a_group_comes_with_an_analysis_or_stays() -> None:
    assert {field.name for field in dataclasses.fields(NewSceneGroup)} == {*ANALYSED, *KEPT}


@pytest.mark.parametrize(("field", "value"), ANALYSED.items(), ids=ANALYSED)
def test_an_upsert_replaces_each_part_of_the_analysis(tx: Transaction, field: str, value: Any) -> None:
    before = tx.run(scene_groups.upsert(STORED))
    after = tx.run(scene_groups.upsert(dataclasses.replace(STORED, **{field: value})))
    assert {f.name for f in dataclasses.fields(SceneGroup) if getattr(before, f.name) != getattr(after, f.name)} == {
        field
    }
    assert getattr(after, field) == value
    assert tx.run(scene_groups.upsert_many([STORED])) == 1
    assert tx.run(scene_groups.find_by_name("SPARKS")) == before


@pytest.mark.parametrize(("field", "value"), KEPT.items(), ids=KEPT)
def test_an_upsert_keeps_name_and_downloads_and_writes_nothing(tx: Transaction, field: str, value: Any) -> None:
    before = tx.run(scene_groups.upsert(STORED))
    rows, counts = tx.run(versions("scene_groups")), tx.run(written("scene_groups"))
    again = dataclasses.replace(STORED, **{field: value})
    assert tx.run(scene_groups.upsert(again)) == before
    assert tx.run(scene_groups.upsert_many([again])) == 0
    assert (tx.run(versions("scene_groups")), tx.run(written("scene_groups"))) == (rows, counts)


@pytest.mark.parametrize(
    "names",
    [("RARBG", "rarbg"), ("İ", "i"), ("ΑΣ", "ασ"), ("É", "é")],  # noqa: RUF001 - not every alphabet is Latin
)
@pytest.mark.parametrize("between", [0, 1200])
def test_of_two_groups_with_one_name_the_later_counts(tx: Transaction, names: tuple[str, str], between: int) -> None:
    first, second = names
    others = [group(f"group {n}") for n in range(between)]
    rows = [group(first, total_releases=1), *others, group(second, total_releases=2)]
    assert tx.run(scene_groups.upsert_many(iter(rows))) in (between + 1, between + 2)
    stored = tx.run(scene_groups.find_by_name(first))
    assert stored == tx.run(scene_groups.find_by_name(second))
    assert stored is not None
    assert stored.total_releases == 2


def test_groups_whose_names_differ_are_both_stored(tx: Transaction) -> None:
    names = ["ΑΣ", "ας", "x", "x "]
    assert tx.run(scene_groups.upsert_many(map(group, names))) == 4
    assert all(tx.run(scene_groups.find_by_name(name)) is not None for name in names)


def test_many_groups_are_stored_all_or_none(tx: Transaction) -> None:
    many = [*(group(f"group {n}") for n in range(1200)), group(" ")]
    with pytest.raises(InvalidArgumentError) as refused, tx.transaction():
        tx.run(scene_groups.upsert_many(many))
    assert refused.value.argument == "scene_groups[1200].name"
    assert found(tx, scene_groups.list_by_min_score(0)) == []


def test_upserts_of_the_same_groups_in_opposite_orders_both_succeed(own_db: Database) -> None:
    first = [group(f"group {n}", total_releases=1) for n in range(1300)]
    second = [dataclasses.replace(g, total_releases=2) for g in reversed(first)]
    counts = at_once(
        lambda: own_db.run(scene_groups.upsert_many(first)),
        lambda: own_db.run(scene_groups.upsert_many(second)),
    )
    assert counts == [1300, 1300]


def test_groups_are_listed_by_score_tier_and_category(tx: Transaction) -> None:
    rows = [("a", 70, "good", ["film"]), ("b", 90, "elite", ["tv", "film"]), ("c", 69.99, "good", [])]
    tx.run(
        scene_groups.upsert_many(
            group(name, reputation_score=score, quality_tier=tier, categories=categories)
            for name, score, tier, categories in rows
        )
    )
    assert found(tx, scene_groups.list_by_min_score(70)) == ["b", "a"]
    assert found(tx, scene_groups.list_by_min_score(0)) == ["b", "a", "c"]
    assert found(tx, scene_groups.list_by_tier("good")) == ["a", "c"]
    assert found(tx, scene_groups.list_by_category("film")) == ["b", "a"]
    assert found(tx, scene_groups.list_by_category("Film")) == []


def test_stale_groups_are_those_never_analysed_or_before_then(tx: Transaction) -> None:
    times = {"old": PAST - DAY, "now": PAST, "never": None}
    tx.run(scene_groups.upsert_many(group(name, last_analyzed=time) for name, time in times.items()))
    assert found(tx, scene_groups.list_stale(PAST)) == ["never", "old"]


def test_downloads_are_counted_and_their_successes(tx: Transaction) -> None:
    tx.run(scene_groups.record_download("SPARKS", success=True))
    tx.run(scene_groups.record_download("sparks", success=False))
    counted = tx.run(scene_groups.record_download("Sparks", success=True))
    assert (counted.name, counted.total_downloads, counted.completed_downloads) == ("SPARKS", 3, 2)
    assert tx.run(scene_groups.find_by_name("SPARKS")) == counted


def test_no_download_is_lost_that_is_counted_at_once_with_others(own_db: Database) -> None:
    at_once(*[lambda: own_db.run(scene_groups.record_download("SPARKS", success=True))] * 8)
    counted = own_db.run(scene_groups.find_by_name("SPARKS"))
    assert counted is not None
    assert (counted.total_downloads, counted.completed_downloads) == (8, 8)
