"""The `ocop` command."""
