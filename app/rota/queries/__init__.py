"""Reads of the rota."""
