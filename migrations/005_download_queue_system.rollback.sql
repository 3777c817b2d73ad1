DROP FUNCTION attach_history_partition(text);
DROP FUNCTION drop_history_partition(text, bigint);
DROP FUNCTION detach_history_partition(text);
DROP FUNCTION detached_history_partition(text);
DROP FUNCTION create_history_partition(date);
DROP FUNCTION add_history_partition(text, date);
DROP FUNCTION is_history_partition(text);
DROP TABLE history;
DROP TABLE download_queue;
