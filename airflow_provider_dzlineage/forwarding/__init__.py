"""The forwarder: receives messages, runs the pipeline on their events, publishes them, and acknowledges."""
