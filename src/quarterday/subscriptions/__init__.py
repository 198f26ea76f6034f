"""Contract desk: which customer has which plan, since when, on which cycle; charges and discounts."""
