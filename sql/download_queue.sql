-- fragment: item
q.id,
q.movie_id,
q.download_client_id,
q.indexer_id,
q.download_id,
q.title,
q.size,
q.status,
q.tracking_id,
q.progress,
q.eta,
q.time_left,
q.quality,
q.custom_formats,
q.status_messages,
q.error_message,
q.added,
q.grabbed_at,
q.completed_at,
q.failed_at,
q.created_at,
q.updated_at

-- fragment: synced
movie_id,
indexer_id,
title,
size,
status,
tracking_id,
progress,
eta,
time_left,
quality,
custom_formats,
status_messages,
error_message,
grabbed_at,
completed_at,
failed_at

-- fragment: stored_values
q.movie_id,
q.indexer_id,
q.title,
q.size,
q.status,
q.tracking_id,
q.progress,
q.eta,
q.time_left,
q.quality,
q.custom_formats,
q.status_messages,
q.error_message,
q.grabbed_at,
q.completed_at,
q.failed_at

-- fragment: synced_values
coalesce(r.movie_id, q.movie_id),
coalesce(r.indexer_id, q.indexer_id),
r.title,
r.size,
r.status,
coalesce(r.tracking_id, q.tracking_id),
r.progress::numeric(5, 2),
r.eta,
r.time_left,
coalesce(r.quality, q.quality),
coalesce(r.custom_formats, q.custom_formats, '[]'),
r.status_messages,
nullif(r.error_message, ''),
coalesce(r.grabbed_at, q.grabbed_at),
coalesce(r.completed_at, q.completed_at, CASE WHEN r.status = 'completed' THEN now() END),
coalesce(r.failed_at, q.failed_at, CASE WHEN r.status = 'failed' THEN now() END)

-- name: sync_from_client(download_client_id, items)
-- Makes the queue of a client what the client says it is: new items are added, changed ones updated, vanished ones
-- removed, and no other row is touched. What an item does not say (its movie, indexer, quality, custom formats) stays
-- as it was. Gives how many were added, updated and removed.
--
-- Syncs of one client take turns. What another adds in between is seen by the next one.
-- budget: write
WITH turn AS MATERIALIZED (
    -- Two syncs of a client would deadlock over their items.
    SELECT pg_advisory_xact_lock(hashtextextended('download_queue', :download_client_id))
),
reported AS MATERIALIZED (
    SELECT n.*
    FROM turn
    CROSS JOIN jsonb_populate_recordset(NULL::download_queue, :items) AS n
),
vanished AS (
    DELETE FROM download_queue AS q
    WHERE q.download_client_id = :download_client_id
        AND NOT EXISTS (SELECT FROM reported AS r WHERE r.download_id = q.download_id)
    RETURNING q.id
),
updated AS (
    -- From the row as it is when it is locked: somebody may have changed it since this statement began.
    UPDATE download_queue AS q
    SET ({synced}) = ({synced_values})
    FROM reported AS r
    WHERE q.download_client_id = :download_client_id
        AND q.download_id = r.download_id
        AND ({stored_values}) IS DISTINCT FROM ({synced_values})
    RETURNING q.id
),
added AS (
    INSERT INTO download_queue AS stored (download_client_id, download_id, added, {synced})
    SELECT
        :download_client_id,
        r.download_id,
        coalesce(r.added, now()),
        {synced_values}
    FROM reported AS r
    LEFT JOIN download_queue AS q ON q.download_client_id = :download_client_id AND q.download_id = r.download_id
    WHERE q.id IS NULL
    ON CONFLICT (download_id, download_client_id) DO NOTHING
    RETURNING stored.id
)
SELECT
    (SELECT count(*) FROM added) AS added,
    (SELECT count(*) FROM updated) AS updated,
    (SELECT count(*) FROM vanished) AS removed;

-- name: find_by_download_id(download_id)
-- The items with a client's id of a download; several when clients share an id.
-- budget: simple
SELECT {item}
FROM download_queue AS q
WHERE q.download_id = :download_id
ORDER BY q.id;

-- name: list_active(limit)
-- The items that still want attention: neither completed, cancelled nor failed. Oldest first.
-- budget: simple
-- sort: added q.added timestamptz asc
SELECT {item}
FROM download_queue AS q
WHERE q.status <> ALL('{completed,cancelled,failed}') AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_page(movie_id, protocol, quality, status, limit)
-- The queue, of one movie, protocol, quality or status where these are given.
-- budget: complex
-- sort: added q.added timestamptz desc
-- sort: time_left q.time_left interval asc null 100000000d
-- sort: progress q.progress numeric desc
-- sort: size q.size bigint desc
-- sort: status q.status text asc
-- sort: title q.title text asc
SELECT {item}
FROM download_queue AS q
LEFT JOIN download_clients AS c ON c.id = q.download_client_id
WHERE (:movie_id::bigint IS NULL OR q.movie_id = :movie_id)
    AND (:protocol::text IS NULL OR c.protocol = :protocol)
    AND (:quality::text IS NULL OR q.quality = :quality)
    AND (:status::text IS NULL OR q.status = :status)
    AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: update_progress(id, progress, status, time_left, eta)
-- Says how far a download is.
-- budget: write
UPDATE download_queue AS q
SET
    progress = :progress,
    status = coalesce(:status, q.status),
    time_left = :time_left,
    eta = :eta,
    completed_at = coalesce(q.completed_at, CASE WHEN :status = 'completed' THEN now() END),
    failed_at = coalesce(q.failed_at, CASE WHEN :status = 'failed' THEN now() END)
WHERE q.id = :id
RETURNING {item};

-- name: statistics()
-- How many items there are, how many of them failed or have an error, and how many have a warning.
-- budget: simple
SELECT
    count(*) AS total,
    count(*) FILTER (WHERE q.status = 'failed' OR q.error_message IS NOT NULL) AS errors,
    count(*) FILTER (WHERE q.status IN ('warning', 'stalled', 'client_unavailable')) AS warnings
FROM download_queue AS q;

-- name: remove_many(ids)
-- Removes items from the queue.
-- budget: write
DELETE FROM download_queue AS q
WHERE q.id = ANY(:ids);
