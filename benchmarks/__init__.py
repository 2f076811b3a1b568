"""Measuring what pages cost. `./do bench`, and `python -m benchmarks.vitals` in a browser."""
