"""A carrier's wire in a process of its own: fast, seeded, and with every fault that we know."""
