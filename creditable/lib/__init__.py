"""Pure building blocks, one noun a file: no Django, no clock, no network."""
