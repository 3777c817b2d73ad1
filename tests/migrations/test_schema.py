"""The nine migrations: each goes up, down and up again to the same schema, as the owner and as no superuser."""

from __future__ import annotations

import psycopg
import pytest

from radarr_db import (
    Availability,
    Confidence,
    EventType,
    MovieStatus,
    Protocol,
    Quality,
    QualityTier,
    QueueStatus,
    Resolution,
)
from radarr_db.operations import migrations

LAST = 9
_SCHEMA = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    coalesce(pg_get_expr(d.adbin, d.adrelid), '') || a.attidentity::text || a.attgenerated::text
FROM pg_attribute AS a
INNER JOIN pg_class AS c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND c.relname !~ 'yoyo'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    )
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated, ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ 'yoyo'
UNION ALL
SELECT 'index', tablename, indexname, indexdef, TRUE, '' FROM pg_indexes
WHERE schemaname = 'public' AND tablename !~ 'yoyo'
UNION ALL
SELECT 'function', p.proname, pg_get_function_identity_arguments(p.oid), pg_get_functiondef(p.oid), TRUE, ''
FROM pg_proc AS p
LEFT JOIN pg_depend AS e ON e.objid = p.oid AND e.deptype = 'e'
WHERE p.pronamespace = 'public'::regnamespace AND e.objid IS NULL AND p.prokind = 'f'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), TRUE, ''
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'view', matviewname, '', definition, ispopulated, '' FROM pg_matviews WHERE schemaname = 'public'
UNION ALL
SELECT 'words', cfgname, '', '', TRUE, '' FROM pg_ts_config WHERE cfgnamespace = 'public'::regnamespace
ORDER BY 1, 2, 3, 4
"""


def schema(conninfo: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(_SCHEMA).fetchall()


def allowed(conninfo: str, constraint: str) -> set[str]:
    """The values that a CHECK names."""
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT regexp_matches(pg_get_constraintdef(oid), '''([^'']+)''', 'g')"
            " FROM pg_constraint WHERE conname = %s",
            (constraint,),
        )
        return {values[0] for (values,) in rows}


def test_there_are_the_nine_migrations_of_the_specification(empty_database: str) -> None:
    assert migrations.pending(empty_database) == [
        "001_initial_schema",
        "002_scene_groups_analysis",
        "003_quality_profiles_enhancement",
        "004_indexers_and_clients",
        "005_download_queue_system",
        "006_performance_optimization",
        "007_jsonb_improvements",
        "008_full_text_search",
        "009_monitoring_and_stats",
    ]


def test_each_migration_goes_up_down_and_up_again_to_the_same_schema(empty_database: str) -> None:
    for number in range(1, LAST + 1):
        before = schema(empty_database)
        migrations.apply(empty_database, to=number)
        after = schema(empty_database)
        assert after != before
        migrations.rollback(empty_database, to=number - 1)
        assert schema(empty_database) == before, f"{number} leaves something behind"
        migrations.apply(empty_database, to=number)
        assert schema(empty_database) == after, f"{number} differs the second time"


def test_all_go_down_and_up_again_with_rows_in_every_table(own_database: str) -> None:
    after = schema(own_database)
    with psycopg.connect(own_database) as connection:
        connection.execute("""
            INSERT INTO quality_profiles (id, name, cutoff_quality) VALUES (7, 'Any', 'DVD');
            INSERT INTO movies (tmdb_id, title, metadata, quality_profile_id)
            VALUES (1, 'A', '{"genres": [{"name": "Drama"}]}', 7);
            INSERT INTO movie_files (movie_id, relative_path, quality) SELECT id, 'a', 'DVD' FROM movies;
            INSERT INTO history (movie_id, source_title, event_type) SELECT id, 'a', 'grabbed' FROM movies;
            INSERT INTO download_queue (download_id, title) VALUES ('a', 'a');
        """)
    # Down to the tables of 001 and up again: what later migrations derive, they derive for rows that are there.
    migrations.rollback(own_database, to=1)
    migrations.apply(own_database)
    assert schema(own_database) == after
    with psycopg.connect(own_database) as connection:
        found = connection.execute("SELECT genres, search::text ~ '''a''' FROM movies").fetchone()
        assert found == (["Drama"], True)
        assert connection.execute("SELECT genre FROM movie_genres").fetchall() == [("Drama",)]
        assert connection.execute("SELECT word FROM search_words ORDER BY 1").fetchall() == [("a",), ("drama",)]
        counted = connection.execute("SELECT genre, movies FROM movie_counts ORDER BY 1").fetchall()
        assert counted == [("", 1), ("Drama", 1)]
    migrations.rollback(own_database, to=0)
    assert schema(own_database) == []


def test_the_owner_needs_no_superuser(empty_database: str) -> None:
    migrations.apply(empty_database)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        assert connection.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pgcrypto'").fetchone() == (0,)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("movies_status_check", MovieStatus),
        ("movies_minimum_availability_check", Availability),
        ("movie_files_resolution_check", Resolution),
        ("scene_groups_quality_tier_check", QualityTier),
        ("scene_groups_confidence_level_check", Confidence),
        ("download_clients_protocol_check", Protocol),
        ("download_queue_status_check", QueueStatus),
        ("history_event_type_check", EventType),
    ],
)
def test_the_values_of_a_column_are_those_of_its_enum(
    database_conninfo: str, constraint: str, values: type[MovieStatus]
) -> None:
    assert allowed(database_conninfo, constraint) == {member.value for member in values}


def test_qualities_rank_as_their_enum_lists_them(database_conninfo: str) -> None:
    with psycopg.connect(database_conninfo) as connection:
        ranks = [connection.execute("SELECT quality_rank(%s)", (quality,)).fetchone() for quality in Quality]
        assert ranks == [(place,) for place in range(1, len(Quality) + 1)]
        assert connection.execute("SELECT quality_rank('1080p')").fetchone() == (None,)


def test_history_is_partitioned_by_month_with_a_default(database_conninfo: str) -> None:
    with psycopg.connect(database_conninfo) as connection:
        partitions = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')"
            " FROM pg_inherits INNER JOIN pg_class AS c ON c.oid = inhrelid"
            " WHERE inhparent = 'history'::regclass"
        ).fetchone()
        assert partitions == (7, 1)
        connection.execute("SET timezone = 'UTC'")
        bounds = connection.execute(
            "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits"
            " INNER JOIN pg_class AS c ON c.oid = inhrelid"
            " WHERE inhparent = 'history'::regclass AND c.relname <> 'history_default'"
        ).fetchall()
        assert all(bound.count("-01 00:00:00+00") == 2 for (bound,) in bounds)
