"""What things are and what may happen to them. Standard library only, no I/O; time is an argument."""
