"""Small mistakes made in the code that counts money, gives numbers and keeps scopes, one at a time, by mutmut."""
