"""What the county's time amounts to: charts with their tables, and the counts behind them."""
