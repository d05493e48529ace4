"""The world around the shops: buyers, carriers and the platform itself, as verbs, as what happens
by the clock alone, and as a life of its own from a seed.
"""
