"""Bill desk: collect facts, calculate, claim periods, number, print, correct."""
