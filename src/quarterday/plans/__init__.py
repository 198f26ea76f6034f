"""Price list: service plans and their dated versions."""
