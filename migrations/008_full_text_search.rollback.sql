-- The extensions stay: other schemas may use them, and only their owner could drop them.
DROP FUNCTION near_query(text);
DROP FUNCTION joined_words(text, text, text);
DROP FUNCTION split_words(text);
DROP FUNCTION near_words(text);
DROP FUNCTION exact_query(text, boolean);
DROP FUNCTION word_query(text, boolean);
DROP FUNCTION asked_words(text);
DROP TRIGGER movies_changed_words ON movies;
DROP TRIGGER movies_added_words ON movies;
DROP FUNCTION learn_words();
DROP TABLE search_words;
DROP FUNCTION shortened(text[]);
ALTER TABLE movies RESET (toast_tuple_target);
ALTER TABLE movies DROP COLUMN search;
DROP FUNCTION movie_search_vector(text, text, text[], integer, text, jsonb);
DROP FUNCTION title_spellings(text);
DROP TEXT SEARCH CONFIGURATION movie_words;
DROP TEXT SEARCH DICTIONARY english_forms; -- noqa: PRS
