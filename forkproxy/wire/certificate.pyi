def read_plain(certificate: bytes, key: bytes) -> tuple[bytes, float, bytes] | None:
    """Return a certificate in DER, when it ends (wall seconds), and the PEM of its chain.

    None where one of them is not of the usual kinds, or the key is not the certificate's.
    """
