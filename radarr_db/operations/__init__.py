"""What is done to a database as a whole: migrate, back up, maintain, watch."""
