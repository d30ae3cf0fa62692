"""What all calls of AWS share: error codes, deadlines and retries, clients, ARNs and queue URLs."""
