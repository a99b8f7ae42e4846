"""Price lists: the providers' own, and the snapshot that is shipped."""
