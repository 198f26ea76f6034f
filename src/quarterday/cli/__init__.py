"""The command line, a door: it reads argv and the clock, opens a desk, acts once, and prints the answer."""
