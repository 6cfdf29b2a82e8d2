"""What the chunks of a stream say, taken one by one: what the explanations of differences go by."""


def parts(chunks: list[dict], index: int) -> list[dict]:
    return [part for chunk in chunks for part in chunk.get("choices") or [] if part.get("index", 0) == index]


def indexes(chunks: list[dict]) -> list[int]:
    return sorted({part.get("index", 0) for chunk in chunks for part in chunk.get("choices") or []})


def told(chunks: list[dict], path: tuple) -> list:
    """Everything that the chunks say of a place in the answer, in order."""
    if path[0] != "choices":
        return inside(chunks, path)
    order = indexes(chunks)
    if path[1] >= len(order):
        return []
    found = parts(chunks, order[path[1]])
    rest = path[2:]
    return inside(found, ("delta", *rest[1:]) if rest[0] == "message" else rest)


def inside(values: list, path: tuple) -> list:
    for step in path:
        if isinstance(step, int):
            values = [
                element
                for value in values
                if isinstance(value, list)
                for at, element in enumerate(value)
                if (element.get("index", at) if isinstance(element, dict) else at) == step
            ]
        else:
            values = [value[step] for value in values if isinstance(value, dict) and step in value]
    return values


def last(values: list) -> object:
    """What counts of a member of the answer as a whole: the last that is not null."""
    return next((value for value in reversed(values) if value is not None), None)


def first_said(values: list) -> object:
    """What counts of `id`, `created` and `model`: the first that says anything."""
    return next((value for value in values if value not in (None, "", 0)), next(iter(values), None))


SAID_ONCE = ("role", "id", "type", "name", "object", "format")


def joined(values: list, name: str = "", is_of_choice: bool = False) -> object:
    """What decision 0027 says of members that nobody knows: in a message texts are joined, lists appended, objects
    joined member by member, and of anything else the last counts; beside a message also of texts, unless it is empty.
    Null changes nothing."""
    result = None
    for value in values:
        if value is None or (value == "" and result is not None):
            continue
        if isinstance(value, str) and isinstance(result, str) and not is_of_choice:
            result = result if result and name in SAID_ONCE else result + value
        elif isinstance(value, list) and isinstance(result, list):
            result = result + value
        elif isinstance(value, str) and isinstance(result, list) and not is_of_choice:
            result = [*result, value]
        elif isinstance(value, list) and isinstance(result, str) and result and not is_of_choice:
            result = [result, *value]
        elif isinstance(value, dict) and isinstance(result, dict):
            merged = dict(result)
            for inner, more in value.items():
                merged[inner] = joined([merged[inner], more], inner, is_of_choice) if inner in merged else more
            result = merged
        else:
            result = value
    return result
