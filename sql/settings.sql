-- name: compare(names, values)
-- Settings of the server beside those that are wanted, in the server's own units: it writes 16384 pages of 8 kB as
-- 128MB. What the role may not see is missing.
-- budget: maintenance
SELECT
    s.name,
    current_setting(s.name) AS current,
    CASE
        WHEN s.vartype = 'string' THEN w.value = ANY(regexp_split_to_array(s.setting, '[\s",]+'))
        WHEN s.unit LIKE '%B'
            THEN s.setting::numeric * pg_size_bytes(regexp_replace(s.unit, '^\D', '1\&')) = pg_size_bytes(w.value)
        ELSE s.setting::numeric = w.value::numeric
    END AS in_order,
    s.pending_restart,
    s.source
FROM unnest(:names::text[], :values::text[]) AS w (name, value)
INNER JOIN pg_settings AS s ON s.name = w.name;

-- name: list_denied(names)
-- The settings that the role may not store, and the functions for it that it may not call.
-- budget: maintenance
SELECT n.name
FROM unnest(:names::text[]) AS n (name)
WHERE NOT has_parameter_privilege(n.name, 'ALTER SYSTEM')
UNION ALL
SELECT f.name
FROM (VALUES ('pg_reload_conf()'), ('pg_show_all_file_settings()')) AS f (name)
WHERE NOT has_function_privilege(f.name, 'EXECUTE');
