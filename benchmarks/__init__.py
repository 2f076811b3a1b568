"""Measuring what pages cost. `./do bench`."""
