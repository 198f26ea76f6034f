"""Key cabinet: users, roles, assignments; scope_of(user) -> Scope."""
