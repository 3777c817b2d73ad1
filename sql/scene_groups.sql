-- fragment: scene_group
g.id,
g.name,
g.reputation_score,
g.quality_tier,
g.confidence_level,
g.total_releases,
g.internal_releases,
g.completed_downloads,
g.total_downloads,
g.categories,
g.analysis_data,
g.first_seen,
g.last_analyzed,
g.created_at,
g.updated_at

-- fragment: new_columns
name,
reputation_score,
quality_tier,
confidence_level,
total_releases,
internal_releases,
completed_downloads,
total_downloads,
categories,
analysis_data,
first_seen,
last_analyzed

-- fragment: new_values
n.name,
n.reputation_score,
n.quality_tier,
n.confidence_level,
n.total_releases,
n.internal_releases,
n.completed_downloads,
n.total_downloads,
n.categories,
n.analysis_data,
coalesce(n.first_seen, now()),
n.last_analyzed

-- fragment: analysed_values
n.reputation_score,
n.quality_tier,
n.confidence_level,
n.total_releases,
n.internal_releases,
n.categories,
n.analysis_data,
n.last_analyzed

-- fragment: stored_values
g.reputation_score,
g.quality_tier,
g.confidence_level,
g.total_releases,
g.internal_releases,
g.categories,
g.analysis_data,
g.last_analyzed

-- fragment: analyse
reputation_score = excluded.reputation_score,
quality_tier = excluded.quality_tier,
confidence_level = excluded.confidence_level,
total_releases = excluded.total_releases,
internal_releases = excluded.internal_releases,
categories = excluded.categories,
analysis_data = excluded.analysis_data,
last_analyzed = excluded.last_analyzed

-- name: find_by_name(name)
-- The group of this name, in any case.
-- budget: simple
SELECT {scene_group}
FROM scene_groups AS g
WHERE lower(g.name) = lower(:name);

-- name: upsert(scene_group)
-- Stores the analysis of a group, or replaces the one of the group of this name. Its name and its download counts stay
-- as they are stored.
-- budget: write
WITH written AS (
    INSERT INTO scene_groups AS g ({new_columns})
    SELECT {new_values}
    FROM jsonb_populate_record(NULL::scene_groups, :scene_group) AS n
    LEFT JOIN scene_groups AS g ON lower(g.name) = lower(n.name)
    WHERE g.id IS NULL OR ({stored_values}) IS DISTINCT FROM ({analysed_values})
    ON CONFLICT ((lower(name))) DO UPDATE SET {analyse}
    RETURNING {scene_group}
)
SELECT * FROM written
UNION ALL
SELECT {scene_group}
FROM scene_groups AS g
WHERE lower(g.name) = lower(:scene_group::jsonb ->> 'name')
    AND NOT EXISTS (SELECT FROM written);

-- name: upsert_many(scene_groups)
-- Stores or replaces the analyses of many groups. Nothing is written where nothing changed.
-- budget: bulk
WITH turn AS MATERIALIZED (
    -- Batches of one call come in the caller's order, so two calls could deadlock: they take turns.
    SELECT pg_advisory_xact_lock(hashtext('radarr_db scene_groups'))
)
INSERT INTO scene_groups ({new_columns})
SELECT {new_values}
FROM turn
CROSS JOIN (
    -- Of two with one name the later counts; what is one name, only the server's lower() knows.
    SELECT DISTINCT ON (lower(r.name)) r.*
    FROM jsonb_populate_recordset(NULL::scene_groups, :scene_groups) WITH ORDINALITY AS r
    ORDER BY lower(r.name) ASC, r.ordinality DESC
) AS n
-- One by one: the planner takes the rows for a hundred, and would read all groups to join them.
LEFT JOIN LATERAL (
    SELECT s.*
    FROM scene_groups AS s
    WHERE lower(s.name) = lower(n.name)
    LIMIT 1 -- noqa: AM09
) AS g ON TRUE
WHERE g.id IS NULL OR ({stored_values}) IS DISTINCT FROM ({analysed_values})
ON CONFLICT ((lower(name))) DO UPDATE SET {analyse};

-- name: list_by_min_score(minimum, limit)
-- The groups with at least this reputation score, best first.
-- budget: simple
-- sort: score g.reputation_score numeric desc
SELECT {scene_group}
FROM scene_groups AS g
WHERE g.reputation_score >= :minimum AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_by_tier(tier, limit)
-- The groups of a quality tier, best first.
-- budget: simple
-- sort: score g.reputation_score numeric desc
SELECT {scene_group}
FROM scene_groups AS g
WHERE g.quality_tier = :tier AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_stale(before, limit)
-- The groups not analysed since then, or never; longest ago first.
-- budget: simple
-- sort: analyzed g.last_analyzed timestamptz asc null -infinity
SELECT {scene_group}
FROM scene_groups AS g
WHERE {key} < :before AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_by_category(category, limit)
-- The groups that release in a category, best first.
-- budget: complex
-- sort: score g.reputation_score numeric desc
SELECT {scene_group}
FROM scene_groups AS g
WHERE g.categories @> ARRAY[:category::text] AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: record_download(name, success)
-- Counts a download of a group's release, and whether it succeeded. A group not met before is added.
-- budget: write
INSERT INTO scene_groups AS g (name, total_downloads, completed_downloads)
VALUES (:name, 1, :success::boolean::integer)
ON CONFLICT ((lower(name))) DO UPDATE SET
    total_downloads = g.total_downloads + 1,
    completed_downloads = g.completed_downloads + excluded.completed_downloads
RETURNING {scene_group};
