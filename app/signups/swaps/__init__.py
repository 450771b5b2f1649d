"""Two volunteers on the same role swap their places, or one takes the other's."""
