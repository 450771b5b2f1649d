"""Other people's spreadsheets: from bytes to people, without a database."""
