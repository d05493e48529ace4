"""`python -m shipboard` is the `shipboard` command."""

from shipboard.cli import main

main()
