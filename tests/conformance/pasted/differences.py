"""In what one server's answer is not another's, where that one says the same twice."""


def differences(first, second, ours):
    """Yield (part, theirs, ours). What differs between their two answers is not looked at."""
    if first.status != second.status:
        return
    if first.status != ours.status:
        yield "status", first.status, ours.status
        return
    yield from _unequal("fields", first.fields, second.fields, ours.fields)
    if first.body == second.body != ours.body:
        yield "body", first.body[:300], ours.body[:300]
    if len(first.asked) != len(second.asked):
        return
    if len(first.asked) != len(ours.asked):
        yield "requests to origins", *([one[:2] for one in each.asked] for each in (first, ours))
        return
    for one, again, other in zip(first.asked, second.asked, ours.asked, strict=True):
        if (*one[:2], one[3]) != (*other[:2], other[3]):
            yield "request to an origin", (*one[:2], one[3]), (*other[:2], other[3])
        yield from _unequal("fields to an origin", one[2], again[2], other[2])


def _unequal(part, first, second, ours):
    moving = {name for name, _ in set(first) ^ set(second)}
    theirs = [pair for pair in first if pair[0] not in moving]
    mine = [pair for pair in ours if pair[0] not in moving]
    if mine == theirs:
        return
    less = [pair for pair in theirs if pair not in mine or theirs.count(pair) > mine.count(pair)]
    more = [pair for pair in mine if pair not in theirs or mine.count(pair) > theirs.count(pair)]
    yield part, less, more
