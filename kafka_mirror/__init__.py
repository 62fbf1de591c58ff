"""Declare Kafka sites, users and MirrorMaker 2 flows once; preview, deploy and prove them."""
