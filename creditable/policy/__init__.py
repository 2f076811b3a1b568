"""What the privacy policy says: the document, the data map, the decisions and the notices, as plain values."""
