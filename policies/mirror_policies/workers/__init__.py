"""Rules on the Connect workers and connectors of a flow, and on settings that do nothing."""
