import { problem, type Problem } from "#contract/common.ts";
import { streamEvent, type StreamEvent } from "#contract/runtime.ts";

export const eventsPath = "/v1/events";

/** Longest line of the stream: a peer that never ends a line must not fill the memory. */
export const maxEventChars = 1024 * 1024;
/** A stream that is silent for longer than two heartbeats (15 s each) and a margin is dead. */
export const silenceLimitMs = 40_000;
const firstRetryMs = 500;
const longestRetryMs = 15_000;

export interface EventOptions {
  /** Id of the last event seen; null begins with what happens from now on. */
  readonly after?: string | null;
  readonly signal?: AbortSignal;
  /** Told about the connection, for a light in a page. */
  readonly onState?: (state: StreamState) => void;
}

export type StreamState =
  | { readonly kind: "open" }
  | { readonly kind: "lost"; readonly retryInMs: number }
  /** The server refuses (401, 403, …): the iteration ends; trying again would not help. */
  | { readonly kind: "refused"; readonly problem: Problem | null };

interface StreamSettings {
  readonly baseUrl: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly token?: string | null;
}

/**
 * Events as they come, over `fetch`, because Node has no EventSource and EventSource sends no bearer token. A lost
 * connection is opened again after the last event seen. Ends when the signal aborts or the server refuses.
 */
export async function* readEvents(
  settings: StreamSettings,
  options: EventOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  let after = options.after ?? null;
  let failures = 0;
  while (!isAborted(options.signal)) {
    const connection = new AbortController();
    const stop = (): void => connection.abort();
    options.signal?.addEventListener("abort", stop, { once: true });
    try {
      const response = await connect(settings, after, connection.signal);
      if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        options.onState?.({ kind: "refused", problem: await problemOf(response) });
        return;
      }
      if (response.ok && response.body !== null) {
        options.onState?.({ kind: "open" });
        failures = 0;
        for await (const event of eventsOf(response.body, connection)) {
          after = event.id;
          yield event;
        }
      }
    } catch {
      // Whatever broke the connection, the answer is the same: open it again, later each time.
    } finally {
      options.signal?.removeEventListener("abort", stop);
      connection.abort();
    }
    if (isAborted(options.signal)) return;
    const retryInMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures++, 10)) + jitterMs();
    options.onState?.({ kind: "lost", retryInMs });
    await sleep(retryInMs, options.signal);
  }
}

/** A call, because an abort changes the field while the compiler believes what it saw before. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function connect(settings: StreamSettings, after: string | null, signal: AbortSignal): Promise<Response> {
  const headers = new Headers({ accept: "text/event-stream" });
  if (typeof settings.token === "string") headers.set("authorization", `Bearer ${settings.token}`);
  if (after !== null) headers.set("last-event-id", after);
  const fetch = settings.fetch ?? globalThis.fetch;
  return fetch(`${settings.baseUrl}${eventsPath}`, { headers, signal, credentials: "same-origin", cache: "no-store" });
}

async function problemOf(response: Response): Promise<Problem | null> {
  const json: unknown = await response.json().catch(() => null);
  const parsed = problem.safeParse(json);
  return parsed.success ? parsed.data : null;
}

/** Events of one connection; ends with it, or throws when it breaks, is silent too long, or sends an endless line. */
async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  connection: AbortController,
): AsyncGenerator<StreamEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  // Not every stream hears of the signal of its request; cancelling ends the read that waits.
  const leave = (): void => void reader.cancel().catch(() => undefined);
  connection.signal.addEventListener("abort", leave, { once: true });
  try {
    for (;;) {
      const timer = setTimeout(() => connection.abort(), silenceLimitMs);
      const chunk = await reader.read().finally(() => clearTimeout(timer));
      if (chunk.done) return;
      rest += decoder.decode(chunk.value, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      if (rest.length > maxEventChars) throw new RangeError("an event is longer than the limit");
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== null) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** A block of `field: value` lines; null for heartbeats and for kinds that this client does not know yet. */
export function parseBlock(block: string): StreamEvent | null {
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
  }
  if (data.length === 0) return null;
  try {
    const parsed = streamEvent.safeParse(JSON.parse(data.join("\n")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Up to a second, so that the clients of a server that restarts do not come back in one moment. */
function jitterMs(): number {
  return (crypto.getRandomValues(new Uint16Array(1))[0] ?? 0) % 1000;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
