"""Pages about the installation itself: how it stands, who did what, and what machines ask of it."""
