"""How people come in: password and second factor, a passkey, a mailed link, and the very first admin."""
