"""The living page of the front end: each part with its states, colours with their figures."""
