"""The privacy policy as plain values: its document, data map, decisions and notices."""
