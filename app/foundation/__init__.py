"""What every feature stands on; it knows nothing of volunteers or shifts."""
