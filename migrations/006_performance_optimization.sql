-- The indexes of the sorted lists and of foreign keys; each is used by a named query or by a parent's delete.

-- A nullable sort key is indexed as the expression that pages it: a keyset cannot step over NULL.
CREATE INDEX movies_sort_title_idx ON movies (sort_title, id);
CREATE INDEX movies_year_idx ON movies ((coalesce(year, 0)), id);
CREATE INDEX movies_added_idx ON movies (added, id);
CREATE INDEX movies_in_cinemas_idx ON movies ((coalesce(in_cinemas, 'infinity'::date)), id);
CREATE INDEX movies_digital_release_idx ON movies ((coalesce(digital_release, 'infinity'::date)), id);
CREATE INDEX movies_physical_release_idx ON movies ((coalesce(physical_release, 'infinity'::date)), id);
CREATE INDEX movies_last_search_time_idx ON movies ((coalesce(last_search_time, '-infinity'::timestamptz)), id);

CREATE INDEX movies_year_title_idx ON movies (year, sort_title, id) WHERE year IS NOT NULL;
CREATE INDEX movies_missing_idx ON movies (id) WHERE NOT has_file;
CREATE INDEX movies_quality_profile_id_idx ON movies (quality_profile_id);
-- Where all movies have one profile, the planner would read them all to see that none has the one to be deleted.
ALTER TABLE movies ALTER COLUMN quality_profile_id SET (n_distinct = 1000);

CREATE INDEX movie_files_quality_idx ON movie_files (quality, size, id);

CREATE INDEX indexers_download_client_id_idx ON indexers (download_client_id);

CREATE INDEX download_queue_movie_id_idx ON download_queue (movie_id);
CREATE INDEX download_queue_download_client_id_idx ON download_queue (download_client_id);
CREATE INDEX download_queue_indexer_id_idx ON download_queue (indexer_id);
CREATE INDEX download_queue_status_idx ON download_queue (status, added, id);
CREATE INDEX download_queue_added_idx ON download_queue (added, id);

CREATE INDEX history_indexer_id_idx ON history (indexer_id) WHERE indexer_id IS NOT NULL;
CREATE INDEX history_download_client_id_idx ON history (download_client_id) WHERE download_client_id IS NOT NULL;
