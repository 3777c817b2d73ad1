-- fragment: indexer
i.id,
i.name,
i.implementation,
i.implementation_name,
i.config_contract,
i.enabled,
i.enable_rss,
i.enable_automatic_search,
i.enable_interactive_search,
i.supports_rss,
i.supports_search,
i.base_url,
i.api_path,
i.api_key,
i.additional_parameters,
i.priority,
i.download_client_id,
i.fields,
i.tags,
i.grab_limit,
i.query_limit,
i.initial_failure,
i.most_recent_failure,
i.escalation_level,
i.disabled_till,
i.created_at,
i.updated_at

-- fragment: new_columns
name,
implementation,
implementation_name,
config_contract,
enabled,
enable_rss,
enable_automatic_search,
enable_interactive_search,
supports_rss,
supports_search,
base_url,
api_path,
api_key,
additional_parameters,
priority,
download_client_id,
fields,
tags,
grab_limit,
query_limit

-- fragment: new_values
n.name,
n.implementation,
n.implementation_name,
n.config_contract,
n.enabled,
n.enable_rss,
n.enable_automatic_search,
n.enable_interactive_search,
n.supports_rss,
n.supports_search,
n.base_url,
n.api_path,
n.api_key,
n.additional_parameters,
n.priority,
n.download_client_id,
n.fields,
n.tags,
n.grab_limit,
n.query_limit

-- name: get(id)
-- The indexer with this id.
-- budget: simple
SELECT {indexer}
FROM indexers AS i
WHERE i.id = :id;

-- name: find_by_name(name)
-- The indexer of this name, if there is one.
-- budget: simple
SELECT {indexer}
FROM indexers AS i
WHERE i.name = :name;

-- name: list_enabled()
-- The enabled indexers, those to be asked first at the head: the lower number goes first.
-- budget: simple
SELECT {indexer}
FROM indexers AS i
WHERE i.enabled
ORDER BY i.priority, i.id;

-- name: list_for_search(kind)
-- The enabled indexers that serve a kind of search and are not put aside after failures.
-- budget: simple
SELECT {indexer}
FROM indexers AS i
WHERE i.enabled
    AND CASE :kind
        WHEN 'rss' THEN i.enable_rss AND i.supports_rss
        WHEN 'automatic' THEN i.enable_automatic_search AND i.supports_search
        WHEN 'interactive' THEN i.enable_interactive_search AND i.supports_search
    END
    AND (i.disabled_till IS NULL OR i.disabled_till <= now())
ORDER BY i.priority, i.id;

-- name: create(indexer)
-- Adds an indexer.
-- budget: write
INSERT INTO indexers AS i ({new_columns})
SELECT {new_values}
FROM jsonb_populate_record(NULL::indexers, :indexer) AS n
RETURNING {indexer};

-- name: update(id, changes)
-- Changes the given fields of an indexer.
-- budget: write
UPDATE indexers AS i
SET ({new_columns}) = (
    SELECT {new_values}
    FROM jsonb_populate_record(i, :changes) AS n
)
WHERE i.id = :id
RETURNING {indexer};

-- name: delete(id)
-- Removes an indexer. History keeps its name.
-- budget: write
DELETE FROM indexers AS i
WHERE i.id = :id
RETURNING {indexer};

-- name: record_failure(id)
-- Puts an indexer aside, longer with each failure in a row.
-- budget: write
UPDATE indexers AS i
SET
    initial_failure = coalesce(i.initial_failure, now()),
    most_recent_failure = now(),
    escalation_level = least(i.escalation_level + 1, 9),
    disabled_till = now() + back_off(least(i.escalation_level + 1, 9)::smallint)
WHERE i.id = :id
RETURNING {indexer};

-- name: record_success(id)
-- Takes an indexer back into use. Its next failure weighs less, but is not forgotten at once.
-- budget: write
UPDATE indexers AS i
SET
    initial_failure = CASE WHEN i.escalation_level > 1 THEN i.initial_failure END,
    escalation_level = greatest(i.escalation_level - 1, 0),
    disabled_till = NULL
WHERE i.id = :id
RETURNING {indexer};
