"""Forms of the rota."""
