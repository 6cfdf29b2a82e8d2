"""Streams that servers send and the package cannot put together, made such that it can. Each preparation has a name,
and is counted where it was needed; what is withheld from the package is compared with what the chunks say."""

from answers import copied
from told import indexes, joined, parts

REASONS = {
    "a member twice": "An answer with two members of one name is not stored, so that it need not be streamed.",
    "choices by themselves": "The package finds a choice by its place in the list, so they must begin in order,"
    " and counts the log probabilities of a choice's first chunk twice unless that is the stream's first. Each is"
    " judged alone.",
    "no choices": "The package reads `choices` in every chunk. A chunk without has an empty list.",
    "no delta": "The package reads `delta` in every choice. What Azure's filters find has none, and is withheld.",
    "calls without index": "The package finds a call by its index. Calls that come without are numbered.",
    "calls of one index": "Some servers give every call the index 0 and an id of its own. They are numbered by ids.",
    "calls out of order": "The package takes a call's index for its place in what there is so far. Calls that do not"
    " begin in the order of their indexes are numbered as they begin, and sorted by index afterwards.",
    "list without indexes": "The package raises an error where a list of objects without indexes goes on. It is"
    " withheld, and has to be the lists of all deltas, one behind the other.",
    "several elements of one index": "What was thought may come in elements of one index, whole or of several types,"
    " which the package takes for one. It is withheld, and has to be an element for each.",
    "list and text": "Thinking models send lists in `content`, and then texts. The package drops the texts. It is"
    " withheld, and has to be the lists, and the texts as one element of the type `text` behind them.",
}


def prepared(chunks: list[dict]) -> tuple[list[tuple[int, list[dict], list[int]]], dict[tuple, object], set[str]]:
    """For each choice its index, chunks that have it alone, at index 0, and the order of its calls; what is withheld,
    as it has to be; and what was done."""
    chunks = copied(chunks)
    done = set()
    for chunk in chunks:
        if chunk.get("choices") is None:
            chunk["choices"] = []
            done.add("no choices")
    order = indexes(chunks)
    withheld: dict[tuple, object] = {}
    several = []
    for place, index in enumerate(order):
        own = parts(chunks, index)
        deltas = [part["delta"] for part in own if part.get("delta") is not None]
        calls = number_calls(deltas, done)
        withhold(deltas, place, withheld, done)
        alone = []
        for chunk in chunks:
            mine = [
                part | {"index": 0}
                for part in chunk["choices"]
                if part.get("index", 0) == index and part.get("delta") is not None
            ]
            if len(mine) < sum(part.get("index", 0) == index for part in chunk["choices"]):
                done.add("no delta")
            if mine or (alone and not chunk["choices"]):
                alone.append(chunk | {"choices": mine[:1]})
                # Several parts of one choice in one chunk are pieces in their order.
                alone += [chunk | {"choices": [part]} for part in mine[1:]]
        several.append((index, alone, calls))
    if len(order) > 1 or order != [0] or not chunks[0]["choices"]:
        done.add("choices by themselves")
    return several, withheld, done


def number_calls(deltas: list[dict], done: set[str]) -> list[int]:
    """Numbers the calls as they begin; returns which of them stands where, by their indexes."""
    ids: dict[int, str] = {}
    places: dict[int, int] = {}
    begun: list[float] = []
    for delta in deltas:
        for call in delta.get("tool_calls") or []:
            index = call.get("index")
            if index is None:
                done.add("calls without index")
                call["index"] = len(begun)
                begun.append(float("inf"))
                continue
            name = call.get("id") or ids.get(index, "")
            if index not in places or (ids.get(index) and name != ids[index]):
                if index in places:
                    done.add("calls of one index")
                places[index] = len(begun)
                begun.append(index)
            ids[index] = name
            call["index"] = places[index]
    order = sorted(range(len(begun)), key=lambda at: begun[at])
    if [begun[at] for at in order] != list(range(len(begun))) or order != list(range(len(begun))):
        done.add("calls out of order")
    return order


def withhold(deltas: list[dict], place: int, withheld: dict[tuple, object], done: set[str]) -> None:
    names = {
        name for delta in deltas for name, value in delta.items() if isinstance(value, list) and name != "tool_calls"
    }
    for name in names:
        values = [delta[name] for delta in deltas if name in delta]
        lists = [value for value in values if isinstance(value, list)]
        texts = [value for value in values if isinstance(value, str)]
        elements = [element for value in lists for element in value]
        if name == "content" and "".join(texts):
            withheld[("choices", place, "message", name)] = with_text(values)
            done.add("list and text")
        elif any(isinstance(element, dict) and "index" not in element for element in elements) and (
            len(lists) > 1 or texts
        ):
            # Lists and texts in one member, or lists one behind the other.
            withheld[("choices", place, "message", name)] = joined(values, name) if "".join(texts) else by_index(lists)
            done.add("list without indexes")
        elif has_several_of_one_index(lists):
            withheld[("choices", place, "message", name)] = by_index(lists)
            done.add("several elements of one index")
        else:
            continue
        for delta in deltas:
            delta.pop(name, None)


def has_several_of_one_index(lists: list[list]) -> bool:
    opening = (
        [element["index"] for element in lists[0] if isinstance(element, dict) and "index" in element] if lists else []
    )
    first: dict = {}
    return len(set(opening)) < len(opening) or any(
        isinstance(element, dict) and is_another(element, first.setdefault(element.get("index"), element))
        for elements in lists
        for element in elements
    )


def is_another(element: dict, other: dict) -> bool:
    """Whether an element is no piece of the other, though they have one index."""
    return any(element.get(name) and other.get(name) and element[name] != other[name] for name in ("id", "type"))


def by_index(lists: list[list]) -> list:
    """Elements of which those with one index are pieces of one, unless they say that they are another. What opens the
    list is whole."""
    found: list[list] = []
    last: dict = {}
    for number, elements in enumerate(lists):
        for element in elements:
            index = element.get("index") if isinstance(element, dict) else None
            if number and index is not None and index in last and not is_another(element, joined(last[index])):
                last[index].append(element)
            else:
                found.append([element])
                last[index] = found[-1]
    return [joined(pieces) for pieces in found]


def with_text(values: list) -> list | str:
    """The elements of lists and, as elements of the type `text`, the texts between and behind them."""
    found: list = []
    for value in values:
        if isinstance(value, list):
            found += copied(value)
        elif value:
            if (
                found
                and isinstance(found[-1], dict)
                and found[-1].get("type") == "text"
                and isinstance(found[-1].get("text"), str)
            ):
                found[-1]["text"] += value
            else:
                found.append({"type": "text", "text": value})
    return found
