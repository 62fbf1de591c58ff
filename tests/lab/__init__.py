"""Each folder shares one lab, which ends with the folder's last test: only a package's fixtures do."""
