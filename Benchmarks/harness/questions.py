"""The requests that are asked, as bodies and as scripts for wrk."""

import json

MODEL = "gpt-3.5-turbo"


def chat(size=0, stream=False, model=MODEL):
    """A chat whose body has about `size` bytes; with 0 the short question of the documentation."""
    text = "write a poem about litellm!"
    if size > len(text) + 100:
        words = "The quick brown fox jumps over the lazy dog, and says \\\"so what\\\" to those who ask; "
        text += " " + (words * (size // len(words) + 1))[: size - 130]
    more = ', "stream": true' if stream else ""
    # Written by hand, since `text` has its escapes already.
    text = text.rstrip("\\")
    message = f'{{"role": "user", "content": "{text}"}}'
    return f'{{"model": "{model}","messages": [{message}],"temperature": 0.7{more}}}'


def embeddings(inputs, model):
    return json.dumps({"model": model, "input": inputs, "encoding_format": "float"})


def same(body):
    """A script for wrk: always the same request."""
    return f"""wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = {lua(body)}
"""


def fresh(body, mark):
    """A script for wrk: `mark` in the body is another number in every request."""
    before, after = body.split(mark)
    return f"""wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local before, after, run, count = {lua(before)}, {lua(after)}, os.time() .. "-", 0
request = function()
  count = count + 1
  return wrk.format(nil, nil, nil, before .. run .. count .. after)
end
"""


def half(known, fresh_body, mark):
    """A script for wrk: every other request is the same, the others are new."""
    before, after = fresh_body.split(mark)
    return f"""wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local known, before, after, run, count = {lua(known)}, {lua(before)}, {lua(after)}, os.time() .. "-", 0
request = function()
  count = count + 1
  if count % 2 == 0 then return wrk.format(nil, nil, nil, known) end
  return wrk.format(nil, nil, nil, before .. run .. count .. after)
end
"""


def many(known, fresh_count, model):
    """A script for wrk: `known` inputs that are always the same, and so many that are new."""
    return f"""wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local known, count = {lua(", ".join(json.dumps(text) for text in known))}, 0
local run = os.time() .. "-"
request = function()
  local inputs = {{ known }}
  for _ = 1, {fresh_count} do
    count = count + 1
    inputs[#inputs + 1] = '"input ' .. run .. count .. '"'
  end
  return wrk.format(nil, nil, nil, '{{"model": "{model}", "input": [' .. table.concat(inputs, ", ") .. ']}}')
end
"""


def lua(text):
    """A text as Lua writes it."""
    return "[====[" + text + "]====]"
