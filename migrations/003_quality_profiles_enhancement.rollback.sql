ALTER TABLE movie_files DROP COLUMN quality_rank;
ALTER TABLE movies DROP CONSTRAINT movies_quality_profile_id_fkey;
DROP TABLE quality_profiles;
DROP FUNCTION cutoff_rank(boolean, text, jsonb);
DROP FUNCTION quality_rank(text);
