-- fragment: profile
p.id,
p.name,
p.upgrade_allowed,
p.cutoff_quality,
p.quality_items,
p.custom_formats,
p.format_items,
p.created_at,
p.updated_at

-- fragment: new_columns
name,
upgrade_allowed,
cutoff_quality,
quality_items,
custom_formats,
format_items

-- fragment: new_values
n.name,
n.upgrade_allowed,
n.cutoff_quality,
n.quality_items,
n.custom_formats,
n.format_items

-- name: get(id)
-- The profile with this id.
-- budget: simple
SELECT {profile}
FROM quality_profiles AS p
WHERE p.id = :id;

-- name: find_by_name(name)
-- The profile of this name, if there is one.
-- budget: simple
SELECT {profile}
FROM quality_profiles AS p
WHERE p.name = :name;

-- name: list()
-- All profiles, by name.
-- budget: simple
SELECT {profile}
FROM quality_profiles AS p
ORDER BY p.name;

-- name: create(profile)
-- Adds a profile.
-- budget: write
INSERT INTO quality_profiles AS p ({new_columns})
SELECT {new_values}
FROM jsonb_populate_record(NULL::quality_profiles, :profile) AS n
RETURNING {profile};

-- name: update(id, changes)
-- Changes the given fields of a profile.
-- budget: write
UPDATE quality_profiles AS p
SET ({new_columns}) = (
    SELECT {new_values}
    FROM jsonb_populate_record(p, :changes) AS n
)
WHERE p.id = :id
RETURNING {profile};

-- name: delete(id)
-- Removes a profile; refused while a movie uses it.
-- budget: write
-- plan: seq movies: where most movies have the profile, the foreign key meets one at once
DELETE FROM quality_profiles AS p
WHERE p.id = :id
RETURNING {profile};
