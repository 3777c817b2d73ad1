from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from repositories.factories import file, movie, profile

from radarr_db import (
    ConflictError,
    NewQualityProfile,
    Quality,
    Transaction,
    movie_files,
    movies,
    quality_profiles,
)


def allow(*names: str) -> list[Any]:
    return [{"quality": {"name": name}, "allowed": True} for name in names]


def unmet(tx: Transaction, cutoff: NewQualityProfile, *qualities: str) -> list[str]:
    """Those of the qualities whose files do not meet the profile's cutoff."""
    stored = tx.run(quality_profiles.create(cutoff))
    tx.run(movies.create_many(movie(n, quality_profile_id=stored.id) for n in range(1, len(qualities) + 1)))
    for n, quality in enumerate(qualities, 1):
        (m,) = tx.run(movies.find_by_tmdb_ids([n]))
        tx.run(movie_files.replace(file(m.id, quality=quality)))
    return [qualities[m.tmdb_id - 1] for m in tx.run(movies.list_cutoff_unmet())]


def test_the_profile_of_the_specification_is_there(tx: Transaction) -> None:
    (seeded,) = tx.run(quality_profiles.list())
    assert tx.run(quality_profiles.find_by_name("HD-1080p")) == seeded
    assert (seeded.id, seeded.upgrade_allowed, seeded.cutoff_quality) == (1, True, Quality.BLURAY_1080P)
    assert len(seeded.quality_items) == 10


def test_a_stored_profile_is_found_by_id_and_name_and_listed_by_name(tx: Transaction) -> None:
    new = profile(
        "Any",
        "DVD",
        upgrade_allowed=False,
        quality_items=allow("DVD"),
        custom_formats=[{"name": "HDR"}],
        format_items=[{"format": 1, "score": 5}],
    )
    stored = tx.run(quality_profiles.create(new))
    assert {f.name: getattr(stored, f.name) for f in dataclasses.fields(new)} == dataclasses.asdict(new)
    assert tx.run(quality_profiles.get(stored.id)) == stored
    assert tx.run(quality_profiles.find_by_name("Any")) == stored
    assert [p.name for p in tx.run(quality_profiles.list())] == ["Any", "HD-1080p"]


def test_a_profile_is_not_deleted_while_a_movie_uses_it(tx: Transaction) -> None:
    stored = tx.run(quality_profiles.create(profile()))
    user = tx.run(movies.create(movie(quality_profile_id=stored.id)))
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        tx.run(quality_profiles.delete(stored.id))
    assert conflict.value.constraint == "movies_quality_profile_id_fkey"
    assert tx.run(quality_profiles.get(stored.id)) == stored
    tx.run(movies.update(user.id, quality_profile_id=1))
    assert tx.run(quality_profiles.delete(stored.id)) == stored
    assert tx.run(quality_profiles.find_by_name(stored.name)) is None


@pytest.mark.parametrize(
    "write",
    [
        lambda _: movies.create(movie(1, quality_profile_id=999)),
        lambda m: movies.update(m.id, quality_profile_id=999),
        lambda m: movies.edit_many([m.id], quality_profile_id=999),
        lambda _: movies.upsert(movie(1, quality_profile_id=999)),
        lambda _: movies.upsert_many([movie(1, quality_profile_id=999)]),
    ],
)
def test_a_movie_cannot_have_a_profile_that_is_not_there(tx: Transaction, write: Any) -> None:
    stored = tx.run(movies.create(movie()))
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        tx.run(write(stored))
    assert conflict.value.constraint == "movies_quality_profile_id_fkey"
    assert list(tx.run(movies.list_all())) == [stored]


def test_a_file_below_the_cutoff_by_the_order_of_qualities_does_not_meet_it(tx: Transaction) -> None:
    # In the order of the items WEBDL-720p stands above Bluray-1080p.
    cutoff = profile(cutoff_quality="Bluray-1080p", quality_items=allow("Bluray-1080p", "WEBDL-720p", "DVD"))
    qualities = ["DVD", "WEBDL-720p", "WEBDL-1080p", "Bluray-1080p", "Remux-1080p", "HDTV-2160p", "Unknown"]
    assert unmet(tx, cutoff, *qualities) == ["DVD", "WEBDL-720p", "WEBDL-1080p", "Unknown"]


def test_without_upgrades_the_lowest_allowed_quality_is_enough(tx: Transaction) -> None:
    refused = {"quality": {"name": "CAM"}, "allowed": False}
    cutoff = profile(upgrade_allowed=False, quality_items=[refused, *allow("Bluray-1080p", "DVD")])
    assert unmet(tx, cutoff, "SDTV", "CAM", "DVD", "Bluray-1080p") == ["SDTV", "CAM"]


@pytest.mark.parametrize(
    "items",
    [[], [None, 7, "DVD"], [{"quality": None, "allowed": True}], [{"allowed": True}], allow("Unheard of")],
)
def test_without_upgrades_and_a_known_allowed_quality_every_file_is_enough(tx: Transaction, items: list[Any]) -> None:
    assert unmet(tx, profile(upgrade_allowed=False, quality_items=items), "CAM", "DVD") == []


def test_a_changed_profile_decides_anew_which_cutoffs_are_unmet(tx: Transaction) -> None:
    assert unmet(tx, profile(cutoff_quality="DVD"), "SDTV", "DVD") == ["SDTV"]
    stored = tx.run(quality_profiles.find_by_name("Any"))
    assert stored is not None
    tx.run(quality_profiles.update(stored.id, cutoff_quality="Bluray-2160p"))
    assert len(tx.run(movies.list_cutoff_unmet())) == 2
    assert list(tx.run(movies.list_cutoff_unmet(monitored=False))) == []


def test_every_quality_has_a_place_in_the_order(tx: Transaction) -> None:
    assert unmet(tx, profile(cutoff_quality="Raw-HD"), *Quality) == list(Quality)[:-1]
