"""A rota suggested: who could take the open places of the coming weeks, as a draft."""
