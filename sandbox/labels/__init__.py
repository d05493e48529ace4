"""Shipping documents: labels, packing slips and the rest, drawn so that codes scan and every name
of our markets prints. They come from invented carriers and pay for no postage.
"""
