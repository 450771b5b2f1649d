"""The rota: what runs when, with whom, and where it is thin."""
