ALTER TABLE history DROP CONSTRAINT history_documents_check;
ALTER TABLE download_queue DROP CONSTRAINT download_queue_documents_check;
ALTER TABLE download_clients DROP CONSTRAINT download_clients_documents_check;
ALTER TABLE indexers DROP CONSTRAINT indexers_documents_check;
ALTER TABLE quality_profiles DROP CONSTRAINT quality_profiles_documents_check;
ALTER TABLE scene_groups DROP CONSTRAINT scene_groups_analysis_data_check;
ALTER TABLE movie_files DROP CONSTRAINT movie_files_documents_check;
DROP TRIGGER movies_emptied_genres ON movies;
DROP TRIGGER movies_changed_genres ON movies;
DROP TRIGGER movies_removed_genres ON movies;
DROP TRIGGER movies_added_genres ON movies;
DROP FUNCTION follow_genres();
DROP TABLE movie_genres;
ALTER TABLE movies
DROP CONSTRAINT movies_metadata_check,
DROP COLUMN vote_count,
DROP COLUMN rotten_tomatoes_rating,
DROP COLUMN metacritic_rating,
DROP COLUMN tmdb_rating,
DROP COLUMN imdb_rating,
DROP COLUMN genres;
DROP FUNCTION json_strings(jsonb, jsonpath);
