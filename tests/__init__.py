"""Mirrors the tree of the project; what is under lab and examples runs on real parts."""
