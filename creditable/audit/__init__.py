"""Who did what, and when: the trail, the clock, and rows that are never changed."""
