"""The official Python package of OpenAI talks to Teller as to a model."""

import os

import openai
from openai import OpenAI

BASE = os.environ["TELLER_URL"] + "/v1"
KEY = "sk-teller-demo"
QUESTION = "柜台跨行转账手续费多少"

client = OpenAI(base_url=BASE, api_key=KEY, max_retries=0)


def ask(words, **more):
    return client.chat.completions.create(model="teller", messages=[{"role": "user", "content": words}], **more)


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


assert [model.id for model in client.models.list()] == ["teller"]
assert client.models.retrieve("teller").owned_by == "yunshan"

answer = ask(QUESTION)
text = answer.choices[0].message.content
assert "元" in text and "来源：《" in text, text
assert text.endswith("(智能助理生成)"), text
assert answer.choices[0].finish_reason == "stop" and answer.usage.total_tokens > 0
teller = answer.model_extra["teller"]
assert teller["citations"], teller

# The stream says the same.
pieces, last = [], None
for chunk in ask(QUESTION, stream=True, stream_options={"include_usage": True}):
    if chunk.choices and chunk.choices[0].delta.content:
        pieces.append(chunk.choices[0].delta.content)
    last = chunk
assert "".join(pieces) == text, "".join(pieces)
assert last.usage.total_tokens > 0

# A conversation goes on by its name; a human is one sentence away.
name = teller["conversation_id"]
further = ask("转人工", metadata={"conversation_id": name})
assert further.model_extra["teller"]["conversation_id"] == name
assert further.model_extra["teller"]["status"] == "queued", further

# In English, by the caller's wish.
english = ask("what does an interbank transfer cost at the counter", metadata={"locale": "en"})
assert english.choices[0].message.content.endswith("(AI-generated)"), english

# What is wrong is the error that the package knows.
error = raises(openai.NotFoundError, lambda: client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "x"}]))
assert error.code == "model_not_found", error
raises(openai.BadRequestError, lambda: ask(""))
raises(openai.NotFoundError, lambda: ask("x", metadata={"conversation_id": "cv_0.0"}))
wrong = OpenAI(base_url=BASE, api_key="sk-wrong", max_retries=0)
error = raises(openai.AuthenticationError, lambda: wrong.models.list())
assert error.code == "invalid_api_key", error

print(f"openai {openai.__version__} (Python): models, answer, stream, conversation, errors")
