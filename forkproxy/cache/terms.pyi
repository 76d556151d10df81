CONDITIONS: dict[str, int]
