class Rules:
    rfc: bool
    ignored: int
    valid: dict[int, float]
    heuristics: bool
    targeted: tuple[bytes, ...]
    revalidate: bool
    slices: bool
    parts: bool
