DROP FUNCTION back_off(smallint);
DROP TABLE indexers;
DROP TABLE download_clients;
