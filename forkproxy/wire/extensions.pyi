def plain_extensions(octets: bytes) -> bool:
    """Tell whether these extensions of a certificate, with their tag [3], are all plainly good."""
