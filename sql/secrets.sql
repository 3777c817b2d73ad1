-- name: list_all()
-- What is secret of each indexer and download client, and the version of its row: any change makes another one.
-- budget: maintenance
SELECT
    'indexers' AS table_name,
    i.id,
    i.xmin::text AS version,
    i.api_key AS secret,
    i.fields
FROM indexers AS i
UNION ALL
SELECT
    'download_clients' AS table_name,
    c.id,
    c.xmin::text AS version,
    c.password AS secret,
    c.fields
FROM download_clients AS c
ORDER BY table_name, id;

-- name: reseal_indexer(id, version, secret, fields)
-- Puts sealed secrets in the place of an indexer's own, unless its row was changed since it was read.
-- budget: write
UPDATE indexers AS i
SET
    api_key = :secret,
    fields = :fields
WHERE i.id = :id AND i.xmin = :version::xid;

-- name: reseal_client(id, version, secret, fields)
-- Puts sealed secrets in the place of a download client's own, unless its row was changed since it was read.
-- budget: write
UPDATE download_clients AS c
SET
    password = :secret,
    fields = :fields
WHERE c.id = :id AND c.xmin = :version::xid;
