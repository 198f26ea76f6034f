"""What every room needs: scopes, actors, the one door to the database, the audit trail."""
