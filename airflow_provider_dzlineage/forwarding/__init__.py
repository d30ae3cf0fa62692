"""The parts of the forwarder: time, work in hand, what each answer means, and the account of it."""
