"""Standing volunteers: who comes again and again, until they say, and what is different once."""
