"""Pure rules of the rota."""
