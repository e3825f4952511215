"""Around the venue: configuration, supervisor, command line. See README.md."""
