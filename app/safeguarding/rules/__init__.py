"""What is dangerous, what falls due and what the law counts; pure."""
