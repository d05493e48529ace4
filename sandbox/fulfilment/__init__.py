"""Getting packages out: services and labels, shipping and marking, slots, splitting, combining,
tracking, documents, and the places and carriers they need; by market, as the Open API has it.
"""
