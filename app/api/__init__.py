"""The JSON API: what a group's other programs may read and do, by tokens with scopes."""
