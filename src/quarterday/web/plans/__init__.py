"""The tab Service Plan: plans, their versions, associating and disassociating."""
