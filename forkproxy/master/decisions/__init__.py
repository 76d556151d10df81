"""What the master decides, without acting: no descriptor, no clock, no process."""
