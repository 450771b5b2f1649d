"""Reads of what has been counted: set-based, a statement or two each.

Each takes a `Scope`: which days, and whose. What is shown of people goes through
`rules.suppression` first; the numbers here are whole.
"""
