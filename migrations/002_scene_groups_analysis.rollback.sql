DROP TABLE scene_groups;
