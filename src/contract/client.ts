import type { z } from "zod";
import { problem, type Problem } from "#contract/common.ts";
import { readEvents, type EventOptions } from "#contract/event-stream.ts";
import { contract, type Contract, type Operation } from "#contract/registry.ts";
import type { AnswerSchemas, Route } from "#contract/route.ts";
import type { StreamEvent } from "#contract/runtime.ts";

/** How to reach a server. Without a token the browser's session cookie speaks (same origin only). */
export interface ClientSettings {
  /** `http://127.0.0.1:7070`, or `""` for the origin of the page. */
  readonly baseUrl: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly token?: string | null;
}

/** Extends a type exactly when every member of that type may be left out: the empty object type is what is meant. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type
type Empty = Record<never, never>;

type Part<Name extends string, T> = Empty extends T ? { readonly [K in Name]?: T } : { readonly [K in Name]: T };

/** What an operation takes; a part that can be left out is optional. */
export type CallInput<R extends Route> = Part<"params", z.input<R["params"]>> &
  Part<"query", z.input<R["query"]>> &
  Part<"body", z.input<R["body"]>> & {
    /** Idempotency key of a mutating call; a new one is made when absent. Give the same to repeat the same act. */
    readonly key?: string;
    readonly signal?: AbortSignal;
  };

export type Success<Answers extends AnswerSchemas> = {
  [Status in keyof Answers & number]: {
    readonly ok: true;
    readonly status: Status;
    readonly body: z.output<Answers[Status]>;
  };
}[keyof Answers & number];

export interface Refusal {
  readonly ok: false;
  /**
   * The server's problem, or one made here: `unreachable` (status 0: no answer came) and `bad-answer` (what came is not
   * what the contract says: another version, or a proxy in between).
   */
  readonly problem: Problem;
  /** Seconds after which to try again, where the server named a time. */
  readonly retryAfter: number | null;
}

export type Outcome<R extends Route> = Success<R["answers"]> | Refusal;

type Arguments<R extends Route> = Empty extends CallInput<R> ? [input?: CallInput<R>] : [input: CallInput<R>];

/** One method per operation of the contract. */
export type Calls = { readonly [O in Operation]: (...args: Arguments<Contract[O]>) => Promise<Outcome<Contract[O]>> };

export interface Client extends Calls {
  /** Events after a cursor, for as long as the signal lets them; reconnects by itself. */
  readonly events: (options?: EventOptions) => AsyncGenerator<StreamEvent, void, undefined>;
}

/** The parts of an input as the wire needs them, before types are known. */
interface LooseInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** A typed client from the contract alone. Never throws but for an aborted signal: failures are values. */
export function client(settings: ClientSettings): Client {
  const calls: Record<string, unknown> = {};
  for (const route of Object.values(contract)) {
    calls[route.operation] = (input: LooseInput = {}) => call(settings, route, input);
  }
  calls["events"] = (options: EventOptions = {}) => readEvents(settings, options);
  // The loop makes exactly the members that the mapped type lists; a test calls each of them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return calls as unknown as Client;
}

type LooseOutcome = { readonly ok: true; readonly status: number; readonly body: unknown } | Refusal;

async function call(settings: ClientSettings, route: Route, input: LooseInput): Promise<LooseOutcome> {
  let response: Response;
  try {
    response = await send(settings, route, input);
  } catch (error) {
    if (input.signal?.aborted === true) throw error;
    return refusal(0, "unreachable", `${settings.baseUrl} does not answer: ${messageOf(error)}`);
  }
  return readAnswer(route, response);
}

function send(settings: ClientSettings, route: Route, input: LooseInput): Promise<Response> {
  const fetch = settings.fetch ?? globalThis.fetch;
  const mutating = route.method !== "get";
  const headers = new Headers({ accept: "application/json" });
  if (typeof settings.token === "string") headers.set("authorization", `Bearer ${settings.token}`);
  if (mutating && route.idempotent) headers.set("idempotency-key", input.key ?? newKey());
  if (mutating) headers.set("content-type", "application/json");
  return fetch(`${settings.baseUrl}${pathOf(route, input)}`, {
    method: route.method.toUpperCase(),
    headers,
    ...(mutating ? { body: JSON.stringify(input.body ?? {}) } : {}),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
    credentials: "same-origin",
    redirect: "error",
  });
}

function pathOf(route: Route, input: LooseInput): string {
  const path = route.path.replace(/:([a-z]+)/gi, (_, name: string) => encodeURIComponent(textOf(input.params?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, textOf(value));
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

/** 128 random bits. `randomUUID` exists in secure contexts only, and a browser may reach us by plain http. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function readAnswer(route: Route, response: Response): Promise<LooseOutcome> {
  const text = await response.text().catch(() => "");
  const json = parseJson(text);
  const schema = route.answers[response.status];
  if (schema !== undefined) {
    const parsed = schema.safeParse(json);
    if (parsed.success) return { ok: true, status: response.status, body: parsed.data };
    return refusal(response.status, "bad-answer", `${route.operation} answered something the contract does not know.`);
  }
  const parsed = problem.safeParse(json);
  const retryAfter = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  if (parsed.success) {
    return { ok: false, problem: parsed.data, retryAfter: Number.isNaN(retryAfter) ? null : retryAfter };
  }
  return refusal(
    response.status,
    "bad-answer",
    `The server answered ${response.status} without a problem that can be read.`,
  );
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function refusal(status: number, code: string, detail: string): Refusal {
  const title = code === "unreachable" ? "The server does not answer" : "The answer cannot be read";
  return { ok: false, problem: { type: "about:blank", title, status, code, detail, requestId: "" }, retryAfter: null };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node's fetch says "fetch failed" and keeps the reason in the cause.
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
