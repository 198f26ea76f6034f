"""First run: from an empty installation to the first dry run."""
