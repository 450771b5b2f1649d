"""Writes of the rota."""
