import assert from "node:assert/strict";
import { test } from "node:test";
import { client } from "#contract/client.ts";
import { parseBlock, type StreamState } from "#contract/event-stream.ts";
import { base, fakeApi, problemOf, type FakeApi } from "#test/api/fakes.ts";

const until = async (holds: () => boolean): Promise<void> => {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 20_000) throw new Error(`never happened: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

async function open(api: FakeApi, headers: Record<string, string> = {}) {
  const response = await api.call("/v1/events", { as: "viewer", headers });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body?.getReader();
  assert.ok(reader !== undefined);
  const decoder = new TextDecoder();
  let text = "";
  const read = async (part: string): Promise<string> => {
    while (!text.includes(part)) {
      const chunk = await reader.read();
      if (chunk.done) throw new Error(`the stream ended before ${part}: ${text}`);
      text += decoder.decode(chunk.value);
    }
    return text;
  };
  return { read, cancel: () => reader.cancel(), closed: reader.closed };
}

test("events come in order, each with its id, and begin after the last one seen", async () => {
  const api = fakeApi();
  for (const name of ["one", "two", "three"]) api.events.push(name);
  const resumed = await open(api, { "last-event-id": "1" });
  const text = await resumed.read("three");
  assert.equal(text.includes('"one"'), false);
  assert.ok(text.indexOf("id: 2\nevent: deployment\n") < text.indexOf("id: 3\n"));
  const fresh = await open(api);
  await until(() => api.events.readers() === 2);
  api.events.push("four", { headline: "line one\nline two" });
  const block = (await fresh.read("four")).split("\n\n").find((part) => part.startsWith("id:"));
  assert.deepEqual(parseBlock(block ?? "")?.body, { headline: "line one\nline two" });
  await resumed.cancel();
  await fresh.cancel();
  await until(() => api.events.readers() === 0);
});

test("a heartbeat shows that a silent stream lives", async () => {
  const api = fakeApi({ limits: { heartbeatMs: 5 } });
  const stream = await open(api);
  await stream.read(": beat\n\n: beat\n\n");
  await stream.cancel();
});

test("a reader that never reads is dropped at the limit of its buffer and holds up nobody", async () => {
  const api = fakeApi({ limits: { streamBufferBytes: 10_000 } });
  const response = await api.call("/v1/events", { as: "viewer" });
  await until(() => api.events.readers() === 1);
  const other = await open(api);
  await until(() => api.events.readers() === 2);
  for (let n = 0; n < 20; n++) {
    api.events.push(`event-${n}`, "x".repeat(1000));
    await other.read(`event-${n}"`);
  }
  await until(() => api.events.readers() === 1);
  await until(() => api.lines.some((line) => line.includes("reader-too-slow")));
  const { text } = await api.deps.metrics.render(api.deps.health, api.time.now);
  assert.match(text, /tidegate_event_streams_dropped_total 1/);
  assert.match(text, /tidegate_event_streams 1/);
  const left = await response.text();
  assert.ok(left.length < 12_000, "what was buffered is bounded");
  await other.cancel();
});

test("a stream ends when its credential does", async () => {
  const api = fakeApi({ limits: { recheckMs: 5 } });
  const stream = await open(api);
  const id = `tok_${api.tokens.viewer.split("_")[1]}`;
  const token = api.stored.get(id);
  assert.ok(token !== undefined);
  api.stored.set(id, { ...token, revokedAt: api.time.now });
  await stream.read("never").catch(() => undefined);
  await stream.closed;
  assert.equal(api.events.readers(), 0);
  assert.ok(api.lines.some((line) => line.includes("credential-ended")));
});

test("streams end at once when the server stops", async () => {
  const api = fakeApi();
  const stream = await open(api);
  await stream.read("tidegate");
  api.stop();
  await stream.read("never").catch(() => undefined);
  await stream.closed;
  await until(() => api.events.readers() === 0);
});

test("more streams than the limit are refused for now", async () => {
  const api = fakeApi({ limits: { maxStreams: 1 } });
  const stream = await open(api);
  const second = await api.call("/v1/events", { as: "viewer" });
  assert.equal((await problemOf(second)).code, "unavailable");
  await stream.cancel();
  await until(() => api.events.readers() === 0);
  await (await open(api)).cancel();
});

test("a stream takes no parameters, a token least of all, and only a cursor that is one", async () => {
  const api = fakeApi();
  const inAddress = await api.call(`/v1/events?token=${api.tokens.viewer}`, { as: null });
  assert.equal(inAddress.status, 401);
  assert.equal((await api.call("/v1/events?project=b")).status, 400);
  assert.equal((await api.call("/v1/events", { headers: { "last-event-id": "1 or 1=1" } })).status, 400);
});

test("the client reads events, comes back after the last one, and stops when it is told to", async () => {
  const api = fakeApi();
  const asked: (string | null)[] = [];
  const states: StreamState["kind"][] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(request.headers.get("last-event-id"));
    if (asked.length === 2) throw new TypeError("fetch failed");
    if (asked.length > 1) return api.app.request(request);
    const event = api.events.push("one");
    const data = JSON.stringify({ ...event, at: event.at.toString() });
    return new Response(
      `id: 1\nevent: deployment\ndata: ${data}\n\n: beat\n\nid: 2\nevent: other\ndata: {"new":true}\n\n`,
    );
  };
  const stopping = new AbortController();
  const calls = client({ baseUrl: base, token: api.tokens.viewer, fetch });
  const seen: string[] = [];
  const onState = ({ kind }: StreamState) => {
    states.push(kind);
    if (kind === "open" && asked.length === 3) api.events.push("two");
  };
  for await (const event of calls.events({ signal: stopping.signal, onState })) {
    seen.push(event.object);
    if (event.object === "two") stopping.abort();
  }
  assert.deepEqual(seen, ["one", "two"]);
  assert.deepEqual(asked, [null, "1", "1"]);
  assert.deepEqual(states, ["open", "lost", "lost", "open"]);
});

test("the client gives up when the server refuses, and says why", async () => {
  const api = fakeApi();
  const fetch: typeof globalThis.fetch = async (input, init) => api.app.request(new Request(input, init));
  let code: string | undefined;
  const onState = (state: StreamState) => {
    if (state.kind === "refused") code = state.problem?.code;
  };
  for await (const event of client({ baseUrl: base, token: "tg_x", fetch }).events({ onState })) assert.fail(event.id);
  assert.equal(code, "unauthenticated");
});
