"""Proofs that what people ask to ship is shipped once, whatever happens on the way."""
