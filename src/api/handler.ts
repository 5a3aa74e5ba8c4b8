import { z } from "zod";
import type { ProblemCode } from "#contract/problem.ts";
import type { AnswerSchemas, Route } from "#contract/route.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Identity } from "#usecases/access/identity.ts";
import type { ApiDeps } from "#api/deps.ts";

/** A request whose parts have passed the schemas of its route, with who asks and the one instant of this request. */
export interface HandlerCall<R extends Route> extends Context {
  readonly params: z.output<R["params"]>;
  readonly query: z.output<R["query"]>;
  readonly body: z.output<R["body"]>;
}

export interface Context {
  readonly identity: Identity;
  readonly requestId: string;
  /** Idempotency key of the request; null when it carries none. */
  readonly key: string | null;
  /** The domain's time, read once for this request. */
  readonly now: Temporal.Instant;
}

export type PublicCall<R extends Route> = Omit<HandlerCall<R>, "identity">;

/** The only answers that compile: a declared status with its body, or a declared problem code. */
export type HandlerAnswer<R extends Route> = Answered<R["answers"]> | Refused<R["problems"][number]>;

export type Answered<Answers extends AnswerSchemas> = {
  [Status in keyof Answers & number]: Answer<Status, DeepReadonly<z.input<Answers[Status]>>>;
}[keyof Answers & number];

export interface Answer<Status extends number = number, Body = unknown> {
  readonly kind: "answer";
  readonly status: Status;
  readonly body: Body;
  readonly session: SessionChange | null;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON of the body where somebody has written it already. */
  readonly text?: string;
}

/** What becomes of the session cookie. */
export type SessionChange =
  | { readonly kind: "begin"; readonly text: string; readonly maxAgeSeconds: number }
  | { readonly kind: "end" };

export interface Refused<Code extends ProblemCode = ProblemCode> {
  readonly kind: "refused";
  readonly code: Code;
  /** What happened, to what, and what to do next. */
  readonly detail: string;
  /** Places of what is wrong. */
  readonly problems: readonly unknown[] | null;
  readonly headers: Readonly<Record<string, string>>;
}

export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export function answer<const Status extends number, Body>(
  status: Status,
  body: Body,
  more: { readonly session?: SessionChange; readonly headers?: Readonly<Record<string, string>> } = {},
): Answer<Status, Body> {
  return { kind: "answer", status, body, session: more.session ?? null, headers: more.headers ?? {} };
}

/** An answer whose JSON is there: its body is made only for who looks at it. */
export function answerWritten<const Status extends number, Body>(
  status: Status,
  text: string,
  body: () => Body,
  headers: Readonly<Record<string, string>>,
): Answer<Status, Body> {
  return {
    kind: "answer",
    status,
    get body() {
      return body();
    },
    session: null,
    headers,
    text,
  };
}

export function refuse<Code extends ProblemCode>(
  code: Code,
  detail: string,
  more: { readonly problems?: readonly unknown[]; readonly headers?: Readonly<Record<string, string>> } = {},
): Refused<Code> {
  return { kind: "refused", code, detail, problems: more.problems ?? null, headers: more.headers ?? {} };
}

/** The parts of a request before their schemas have seen them. */
export interface RawParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** One place where a request breaks the schema. */
export interface Issue {
  /** `body.class`, `query.limit`. */
  readonly path: string;
  readonly message: string;
}

export type Run<C> = (deps: ApiDeps, context: C) => Promise<Answer | Refused>;

/** An operation as the server carries it out: parse first, always; then run. */
export type Handler =
  | {
      readonly access: "identified";
      readonly route: Route;
      readonly prepare: (raw: RawParts) => Result<Run<Context>, readonly Issue[]>;
    }
  | {
      readonly access: "public";
      readonly route: Route;
      readonly prepare: (raw: RawParts) => Result<Run<Omit<Context, "identity">>, readonly Issue[]>;
    };

export function defineHandler<R extends Route>(
  route: R,
  handle: (deps: ApiDeps, call: HandlerCall<R>) => Promise<HandlerAnswer<R>>,
): Handler {
  return {
    access: "identified",
    route,
    prepare(raw) {
      const parsed = parseParts(route, raw);
      return parsed.ok ? ok((deps, context) => handle(deps, { ...context, ...parsed.value })) : parsed;
    },
  };
}

/** For routes whose permission is `public`: the handler has no identity to look at. */
export function definePublicHandler<R extends Route>(
  route: R,
  handle: (deps: ApiDeps, call: PublicCall<R>) => Promise<HandlerAnswer<R>>,
): Handler {
  return {
    access: "public",
    route,
    prepare(raw) {
      const parsed = parseParts(route, raw);
      return parsed.ok ? ok((deps, context) => handle(deps, { ...context, ...parsed.value })) : parsed;
    },
  };
}

interface Parts<R extends Route> {
  readonly params: z.output<R["params"]>;
  readonly query: z.output<R["query"]>;
  readonly body: z.output<R["body"]>;
}

/** Every part is parsed, and every issue of every part is told. */
function parseParts<R extends Route>(route: R, raw: RawParts): Result<Parts<R>, readonly Issue[]> {
  const params = z.safeParse<R["params"]>(route.params, raw.params);
  const query = z.safeParse<R["query"]>(route.query, raw.query);
  const body = z.safeParse<R["body"]>(route.body, raw.body);
  if (params.success && query.success && body.success) {
    return ok({ params: params.data, query: query.data, body: body.data });
  }
  return err([...issuesOf("params", params.error), ...issuesOf("query", query.error), ...issuesOf("body", body.error)]);
}

/** More would tell a person nothing new. */
export const maxIssues = 50;

function issuesOf(part: keyof RawParts, error: z.ZodError | undefined): readonly Issue[] {
  const issues: Issue[] = [];
  for (const issue of error?.issues ?? []) {
    const path = [part, ...issue.path.map(String)];
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys)
        issues.push({ path: shorten([...path, key].join(".")), message: "is not known here" });
    } else {
      issues.push({ path: shorten(path.join(".")), message: shorten(issue.message) });
    }
  }
  return issues.slice(0, maxIssues);
}

/** What a caller sent comes back at most this long. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
