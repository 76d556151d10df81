def described(pem: bytes) -> list[tuple[str, str]]:
    """Return (what, value) of the first certificate in PEM. Raises TlsError."""

def same_key(pem: bytes, other: bytes) -> bool:
    """Tell whether two certificates are for the same key. Raises TlsError."""
