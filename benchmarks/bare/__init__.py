"""The measure: Django with nothing of ours, that knows who asks, reads the rows of a page and lists
them. It runs on the same server and database as the pages that are measured against it."""
