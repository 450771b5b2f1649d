"""What the facts of this moment mean; pure."""
