"""Named after what a reader, asker or contributor sees."""
