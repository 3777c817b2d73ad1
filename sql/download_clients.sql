-- fragment: client
c.id,
c.name,
c.implementation,
c.implementation_name,
c.config_contract,
c.enabled,
c.protocol,
c.priority,
c.host,
c.port,
c.use_ssl,
c.url_base,
c.username,
c.password,
c.category,
c.recent_tv_priority,
c.older_tv_priority,
c.remove_completed_downloads,
c.remove_failed_downloads,
c.fields,
c.tags,
c.initial_failure,
c.most_recent_failure,
c.escalation_level,
c.disabled_till,
c.last_picked,
c.created_at,
c.updated_at

-- fragment: new_columns
name,
implementation,
implementation_name,
config_contract,
enabled,
protocol,
priority,
host,
port,
use_ssl,
url_base,
username,
password,
category,
recent_tv_priority,
older_tv_priority,
remove_completed_downloads,
remove_failed_downloads,
fields,
tags

-- fragment: new_values
n.name,
n.implementation,
n.implementation_name,
n.config_contract,
n.enabled,
n.protocol,
n.priority,
n.host,
n.port,
n.use_ssl,
n.url_base,
n.username,
n.password,
n.category,
n.recent_tv_priority,
n.older_tv_priority,
n.remove_completed_downloads,
n.remove_failed_downloads,
n.fields,
n.tags

-- name: get(id)
-- The download client with this id.
-- budget: simple
SELECT {client}
FROM download_clients AS c
WHERE c.id = :id;

-- name: find_by_name(name)
-- The download client of this name, if there is one.
-- budget: simple
SELECT {client}
FROM download_clients AS c
WHERE c.name = :name;

-- name: list_enabled()
-- The enabled download clients; the lower priority number goes first.
-- budget: simple
SELECT {client}
FROM download_clients AS c
WHERE c.enabled
ORDER BY c.priority, c.id;

-- name: pick(protocol, indexer_id, tags)
-- The client to send a download to: of the enabled ones for the protocol that are not put aside, those that share a
-- tag with the movie, or else those without tags; among these the indexer's own, then the lowest priority number, then
-- whichever was picked longest ago.
-- budget: write
UPDATE download_clients AS c
SET last_picked = clock_timestamp()
WHERE c.id = (
    SELECT o.id
    FROM download_clients AS o
    WHERE o.enabled
        AND o.protocol = :protocol
        AND (o.disabled_till IS NULL OR o.disabled_till <= now())
        AND (o.tags = '[]' OR o.tags ?| :tags::text[])
    ORDER BY
        o.tags ?| :tags::text[] DESC,
        o.id IS NOT DISTINCT FROM (SELECT i.download_client_id FROM indexers AS i WHERE i.id = :indexer_id) DESC,
        o.priority ASC,
        o.last_picked ASC NULLS FIRST,
        o.id ASC
    LIMIT 1
    FOR UPDATE
)
RETURNING {client};

-- name: create(client)
-- Adds a download client.
-- budget: write
INSERT INTO download_clients AS c ({new_columns})
SELECT {new_values}
FROM jsonb_populate_record(NULL::download_clients, :client) AS n
RETURNING {client};

-- name: update(id, changes)
-- Changes the given fields of a download client.
-- budget: write
UPDATE download_clients AS c
SET ({new_columns}) = (
    SELECT {new_values}
    FROM jsonb_populate_record(c, :changes) AS n
)
WHERE c.id = :id
RETURNING {client};

-- name: delete(id)
-- Removes a download client with its queue items. History keeps its name.
-- budget: write
DELETE FROM download_clients AS c
WHERE c.id = :id
RETURNING {client};

-- name: record_failure(id)
-- Puts a download client aside, longer with each failure in a row.
-- budget: write
UPDATE download_clients AS c
SET
    initial_failure = coalesce(c.initial_failure, now()),
    most_recent_failure = now(),
    escalation_level = least(c.escalation_level + 1, 9),
    disabled_till = now() + back_off(least(c.escalation_level + 1, 9)::smallint)
WHERE c.id = :id
RETURNING {client};

-- name: record_success(id)
-- Takes a download client back into use. Its next failure weighs less, but is not forgotten at once.
-- budget: write
UPDATE download_clients AS c
SET
    initial_failure = CASE WHEN c.escalation_level > 1 THEN c.initial_failure END,
    escalation_level = greatest(c.escalation_level - 1, 0),
    disabled_till = NULL
WHERE c.id = :id
RETURNING {client};
