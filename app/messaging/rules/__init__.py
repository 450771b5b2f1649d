"""Pure rules about texts: their size and cost, and the hours in which they may go."""
