from __future__ import annotations

from typing import Any

from repositories.factories import client, file, group, indexer, item, movie, profile, raw

from radarr_db import (
    Database,
    download_clients,
    download_queue,
    indexers,
    movie_files,
    movies,
    quality_profiles,
    scene_groups,
)


def test_every_change_of_a_row_moves_its_updated_at_and_never_created_at(own_db: Database) -> None:
    m = own_db.run(movies.create(movie()))
    nyx, deluge = own_db.run(indexers.create(indexer())), own_db.run(download_clients.create(client()))
    f, p = own_db.run(movie_files.replace(file(m.id))), own_db.run(quality_profiles.create(profile()))
    g = own_db.run(scene_groups.upsert(group()))
    own_db.run(download_queue.sync_from_client(deluge.id, [item()]))
    (q,) = own_db.run(download_queue.list_page())
    rows: list[tuple[str, Any, Any]] = [
        ("movies", m, movies.update(m.id, runtime=1)),
        ("movie_files", f, raw("UPDATE movie_files SET size = 1")),
        ("scene_groups", g, scene_groups.upsert(group(total_releases=1))),
        ("quality_profiles", p, quality_profiles.update(p.id, name="New")),
        ("indexers", nyx, indexers.record_failure(nyx.id)),
        ("download_clients", deluge, download_clients.update(deluge.id, port=1)),
        ("download_queue", q, download_queue.sync_from_client(deluge.id, [item(progress=1)])),
    ]
    for table, row, change in rows:
        assert row.created_at == row.updated_at
        own_db.run(change)
        read = raw(f"SELECT created_at, updated_at FROM {table} WHERE id = :id", id=row.id)  # noqa: S608
        ((created, updated),) = own_db.run(read)
        assert created == row.created_at < updated
