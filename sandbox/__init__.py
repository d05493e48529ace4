"""A marketplace of one's own that speaks the TikTok Shop Open API, for demos and tests. It shares
no code with the desk and knows nothing of it; the desk does not know it talks to a sandbox.
"""
