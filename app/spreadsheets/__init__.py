"""The rota as a spreadsheet: shifts and sign-ups out, and back in again."""
