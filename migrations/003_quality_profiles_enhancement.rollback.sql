ALTER TABLE movie_files DROP COLUMN quality_rank;
ALTER TABLE movies DROP CONSTRAINT movies_quality_profile_id_fkey;
DROP TABLE quality_profiles;
-- The id of the profile that comes with the table, should it come again: the others do not.
UPDATE movies SET quality_profile_id = 1 WHERE quality_profile_id <> 1;
DROP FUNCTION cutoff_rank(boolean, text, jsonb);
DROP FUNCTION quality_rank(text);
