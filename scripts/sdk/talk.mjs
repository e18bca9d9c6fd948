// The official JavaScript package of OpenAI talks to Teller as to a model.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import OpenAI from "openai";

const baseURL = `${process.env.TELLER_URL}/v1`;
const client = new OpenAI({ baseURL, apiKey: "sk-teller-demo", maxRetries: 0 });
const question = "柜台跨行转账手续费多少";
const ask = (content, more = {}) =>
  client.chat.completions.create({ model: "teller", messages: [{ role: "user", content }], ...more });

const models = [];
for await (const model of client.models.list()) models.push(model.id);
assert.deepEqual(models, ["teller"]);

const answer = await ask(question);
const text = answer.choices[0].message.content;
assert.match(text, /元[\s\S]*来源：《/);
assert.ok(text.endsWith("(智能助理生成)"), text);
assert.equal(answer.choices[0].finish_reason, "stop");
assert.ok(answer.teller.citations.length > 0);

let streamed = "";
let usage;
for await (const chunk of await ask(question, { stream: true, stream_options: { include_usage: true } })) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}
assert.equal(streamed, text);
assert.ok(usage.total_tokens > 0);

const name = answer.teller.conversation_id;
const further = await ask("转人工", { metadata: { conversation_id: name } });
assert.equal(further.teller.conversation_id, name);
assert.equal(further.teller.status, "queued");

await assert.rejects(client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "x" }] }), (error) => {
  assert.ok(error instanceof OpenAI.NotFoundError);
  return error.code === "model_not_found";
});
await assert.rejects(ask(""), OpenAI.BadRequestError);
const wrong = new OpenAI({ baseURL, apiKey: "sk-wrong", maxRetries: 0 });
await assert.rejects(wrong.models.list(), OpenAI.AuthenticationError);

const { version } = createRequire(import.meta.url)("./node_modules/openai/package.json");
console.log(`openai ${version} (JavaScript): models, answer, stream, conversation, errors`);
