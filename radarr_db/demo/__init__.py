"""The demo of the command line: a collection of real movies, made around files, and what its queries cost."""
