DROP FUNCTION refresh_popular_movies();
DROP MATERIALIZED VIEW popular_movies;
