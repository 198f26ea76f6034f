"""A second, independent reading of the scenario format, to hold the engine against. Nothing here imports quarterday."""
