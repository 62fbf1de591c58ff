"""The demonstration: the committed stacks deployed into a lab, records mirrored, a group moved over."""
