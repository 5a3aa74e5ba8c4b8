import { createHash } from "node:crypto";
import { problems } from "#contract/problem.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Attempt, IdempotencyStore, IdempotentCall } from "#api/deps.ts";
import { answer, refuse, type Answer, type Refused } from "#api/handler.ts";
import { invalid } from "#api/read-request.ts";

export interface Once {
  readonly result: Answer | Refused;
  readonly replayed: boolean;
}

/** Visible ASCII, as clients make keys: UUIDs, hashes, names of pipeline runs. */
export function keyIn(headers: Headers): Result<string | null, Refused> {
  const key = headers.get("idempotency-key");
  if (key === null || /^[\x21-\x7e]{1,200}$/.test(key)) return ok(key);
  return err(invalid([{ path: "header.Idempotency-Key", message: "1 to 200 visible ASCII characters" }]));
}

/** What a key is bound to: two requests are the same when their path, query and body are, byte for byte. */
export function digestOf(url: URL, body: Uint8Array): string {
  const hash = createHash("sha256").update(`${url.pathname}${url.search}\n`).update(body);
  return `sha256:${hash.digest("hex")}`;
}

/** Made with the key of the call, and found by it: repeated, they answer with what is there. */
const repeatable: ReadonlySet<string> = new Set(["requestDeployment", "rollBackDeployment", "startRun"]);

export function isRepeatable(operation: string): boolean {
  return repeatable.has(operation);
}

/**
 * Carries out the call once per key and repeats its stored answer after that. Only successes are kept: a refusal has
 * changed nothing, and asking again may find that the obstacle has gone. When the call breaks, the key is free again once
 * it is certain that nothing was stored. When something was, a call that finds its own work is carried out again; of any
 * other the caller is told that the answer is lost.
 */
export async function once(
  store: IdempotencyStore,
  call: IdempotentCall,
  act: () => Promise<Answer | Refused>,
): Promise<Once> {
  const reservation = await store.reserve(call);
  switch (reservation.state) {
    case "replay":
      return { result: answer(reservation.status, reservation.body), replayed: true };
    case "conflict":
      return refused("key-conflict", "The key was used with another request. Make a new key for a new act.");
    case "answer-lost":
      return refused(
        "answer-lost",
        "What the first request with this key did is stored. Look at what it was about, and use a new key for what is missing.",
      );
    case "in-progress":
      return underWay();
    case "fresh":
      return carryOut(store, reservation.attempt, act);
    default:
      return reservation satisfies never;
  }
}

async function carryOut(
  store: IdempotencyStore,
  attempt: Attempt,
  act: () => Promise<Answer | Refused>,
): Promise<Once> {
  const done = await store.carryOut(attempt, act);
  if (!done.ok) return underWay();
  const result = done.value;
  if (result.kind === "answer") await store.complete(attempt, { status: result.status, body: result.body });
  else await store.release(attempt);
  return { result, replayed: false };
}

function underWay(): Once {
  return refused("in-progress", "The first request with this key is not done. Ask again with the same key.");
}

function refused(code: "answer-lost" | "key-conflict" | "in-progress", detail: string): Once {
  const headers: Readonly<Record<string, string>> = code === "in-progress" ? { "retry-after": "1" } : {};
  return { result: refuse(code, `${problems[code].title}. ${detail}`, { headers }), replayed: false };
}
