-- fragment: event
h.id,
h.movie_id,
h.source_title,
h.event_type,
h.quality,
h.custom_formats,
h.indexer_id,
h.indexer_name,
h.download_client_id,
h.download_client_name,
h.download_id,
h.data,
h.date

-- fragment: new_columns
movie_id,
source_title,
event_type,
quality,
custom_formats,
indexer_id,
indexer_name,
download_client_id,
download_client_name,
download_id,
data,
date

-- fragment: new_values
n.movie_id,
n.source_title,
n.event_type,
n.quality,
n.custom_formats,
n.indexer_id,
i.name,
n.download_client_id,
c.name,
n.download_id,
n.data,
coalesce(n.date, now())

-- name: record(event)
-- Writes down what happened to a movie, with the names that its indexer and client have now.
-- budget: write
INSERT INTO history AS h ({new_columns})
SELECT {new_values}
FROM jsonb_populate_record(NULL::history, :event) AS n
LEFT JOIN indexers AS i ON i.id = n.indexer_id
LEFT JOIN download_clients AS c ON c.id = n.download_client_id
RETURNING {event};

-- name: record_many(events)
-- Writes down many events, all of them or none.
-- budget: bulk
INSERT INTO history ({new_columns})
SELECT {new_values}
FROM jsonb_populate_recordset(NULL::history, :events) AS n
LEFT JOIN indexers AS i ON i.id = n.indexer_id
LEFT JOIN download_clients AS c ON c.id = n.download_client_id;

-- name: list_recent(limit)
-- What happened last, newest first.
-- budget: simple
-- sort: date h.date timestamptz desc
SELECT {event}
FROM history AS h
WHERE {keyset}
ORDER BY {order}
LIMIT :limit;

-- name: list_by_movie(movie_id, event_type, limit)
-- What happened to a movie, or only the events of one type; newest first.
-- budget: simple
-- sort: date h.date timestamptz desc
SELECT {event}
FROM history AS h
WHERE h.movie_id = :movie_id
    AND (:event_type::text IS NULL OR h.event_type = :event_type)
    AND {keyset}
ORDER BY {order}
LIMIT :limit;

-- fragment: asked_for
(:qualities::text[] IS NULL OR h.quality = ANY(:qualities))
AND h.date >= coalesce(:since, '-infinity'::timestamptz)

-- name: list_page(event_types, movie_ids, qualities, download_id, since, limit)
-- History, of these events, movies, qualities or this download, or since then, where these are given; newest first.
-- budget: complex
-- sort: date h.date timestamptz desc
SELECT {event}
FROM (
    -- One way for each filter that has an index; those that are not meant give nothing, and cost nothing.
    (
        SELECT h.*
        FROM (SELECT DISTINCT unnest(:movie_ids::bigint[]) AS id) AS m
        CROSS JOIN LATERAL (
            SELECT h.*
            FROM history AS h
            WHERE h.movie_id = m.id
                AND (:download_id::text IS NULL OR h.download_id = :download_id)
                AND (:event_types::text[] IS NULL OR h.event_type = ANY(:event_types))
                AND {asked_for} AND {keyset}
            ORDER BY {order}
            LIMIT :limit
        ) AS h
    )
    UNION ALL
    (
        SELECT h.*
        FROM history AS h
        WHERE :movie_ids IS NULL
            AND h.download_id = :download_id
            AND (:event_types IS NULL OR h.event_type = ANY(:event_types))
            AND {asked_for} AND {keyset}
    )
    UNION ALL
    (
        SELECT h.*
        FROM (SELECT DISTINCT unnest(:event_types) AS name) AS e
        CROSS JOIN LATERAL (
            SELECT h.*
            FROM history AS h
            WHERE h.event_type = e.name AND {asked_for} AND {keyset}
            ORDER BY {order}
            LIMIT :limit
        ) AS h
        WHERE :movie_ids IS NULL AND :download_id IS NULL
    )
    UNION ALL
    (
        SELECT h.*
        FROM history AS h
        WHERE :movie_ids IS NULL
            AND :download_id IS NULL
            AND :event_types IS NULL
            AND {asked_for} AND {keyset}
        ORDER BY {order}
        LIMIT :limit
    )
) AS h
ORDER BY {order}
LIMIT :limit;

-- name: find_most_recent(movie_id, event_type)
-- The last event of a movie, or its last one of a type.
-- budget: simple
SELECT {event}
FROM history AS h
WHERE h.movie_id = :movie_id
    AND (:event_type::text IS NULL OR h.event_type = :event_type)
ORDER BY h.date DESC, h.id DESC
LIMIT 1;

-- name: find_by_download_id(download_id)
-- All events of a download, newest first.
-- budget: simple
SELECT {event}
FROM history AS h
WHERE h.download_id = :download_id
ORDER BY h.date DESC, h.id DESC;

-- name: find_most_recent_by_download_id(download_id)
-- The last event of a download, if there is one.
-- budget: simple
SELECT {event}
FROM history AS h
WHERE h.download_id = :download_id
ORDER BY h.date DESC, h.id DESC
LIMIT 1;

-- name: already_imported(download_id)
-- Whether a download was imported since it was last grabbed.
-- budget: simple
SELECT
    coalesce((
        SELECT h.event_type = 'imported'
        FROM history AS h
        WHERE h.download_id = :download_id AND h.event_type IN ('grabbed', 'imported')
        ORDER BY h.date DESC, h.id DESC
        LIMIT 1
    ), FALSE) AS already_imported;

-- name: purge(before)
-- Removes what happened before then, except the last event of each movie.
-- budget: maintenance
-- plan: seq history: what goes may be most of it
DELETE FROM history AS h
WHERE h.date < :before
    AND EXISTS (
        SELECT
        FROM history AS later
        WHERE later.movie_id = h.movie_id AND (later.date, later.id) > (h.date, h.id)
    );
