"""PostgreSQL out of a Python wheel, owned by Shipboard from first start to clean stop.
Needs no Django. See docs/decisions/0006-embedded-database.md for the rules and their reasons.
"""

from shipboard.embedded.database import connected, database
from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.place import home_directory, make_home

__all__ = ["EmbeddedError", "connected", "database", "home_directory", "make_home"]
