"""The rules of the programme: pure, without a database, a clock or an environment."""
