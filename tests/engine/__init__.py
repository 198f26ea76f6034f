"""The engine by its laws, by other systems' figures, and by an independent reading of the scenario format."""
