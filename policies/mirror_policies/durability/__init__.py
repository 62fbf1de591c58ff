"""Rules on how many copies of a record exist, and whether the brokers can hold them."""
