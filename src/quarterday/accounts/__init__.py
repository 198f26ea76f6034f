"""Key cabinet: users, roles, assignments; entrance_of(user) says whose rows they see."""
