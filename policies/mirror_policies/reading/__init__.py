"""What an object of one kind says, whatever API version and layout it is written in."""
