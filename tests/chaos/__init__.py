"""Everything that can break, broken at random while texts are sent; then the accounts are checked.

`python -m tests.chaos --help`, or `make chaos`. See docs/chaos.md.
"""
