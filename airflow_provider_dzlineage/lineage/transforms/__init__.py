"""What is repaired in an event before it is posted. Each transform is a small named function over one event."""
