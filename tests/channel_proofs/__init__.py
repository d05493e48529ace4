"""Proofs that the desk has what the marketplace has, whatever happens on the way."""
