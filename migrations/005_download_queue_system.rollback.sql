DROP TABLE history;
DROP FUNCTION create_history_partition(date);
DROP TABLE download_queue;
