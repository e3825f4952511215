"""Tell: depth and trades of every symbol, to anybody. See README.md."""
