"""TikTok Shop: a thin client of its Open API, and what its answers mean; see
docs/channels/tiktok.md.
"""
