"""Reads of suggested rotas."""
