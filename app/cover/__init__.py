"""Somebody drops out late, or too few are coming: who could step in, asked in one click."""
