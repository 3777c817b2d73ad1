-- The extension stays: other schemas may use it, and only its owner could drop it.
DROP TABLE movie_files;
DROP FUNCTION is_available(movies);
DROP TABLE movies;
DROP FUNCTION touch_updated_at();
DROP FUNCTION forget_movie_files();
DROP FUNCTION follow_movie_files();
DROP FUNCTION climbs(text);
DROP FUNCTION clean_titles(text, text, text[]);
DROP FUNCTION clean_title(text);
DROP FUNCTION sort_title(text);
DROP FUNCTION fold_text(text);
