"""The customer's pages, a file each."""
