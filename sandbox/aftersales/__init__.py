"""What follows a sale: requests to cancel, cancellations, returns, refunds and replacements, as
the endpoints show them and as the marketplace keeps them.
"""
