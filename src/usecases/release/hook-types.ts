import type { HookScheme } from "#core/release/hook-intent.ts";
import type { Result } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import type { GateCallback } from "#usecases/release/gate-records.ts";

/** A place to which gates may send: the address and everything below it. */
export interface CallbackEndpoint {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly createdBy: string;
  readonly createdAt: Temporal.Instant;
}

export interface CallbackState extends CallbackEndpoint {
  readonly waiting: number;
  readonly givenUp: number;
  readonly lastFailure: string | null;
}

export interface CallbackStore {
  /** False when the name is taken. */
  readonly insert: (endpoint: CallbackEndpoint & { readonly secret: string }) => Promise<boolean>;
  readonly list: () => Promise<readonly CallbackState[]>;
  /** null when there is none of that name. */
  readonly remove: (name: string, at: Temporal.Instant) => Promise<CallbackState | null>;
}

/** One thing to be sent, taken for this attempt. */
export interface DueDelivery {
  readonly id: string;
  readonly gate: string;
  readonly callback: GateCallback;
  /** JSON, the same at every attempt; a "yes" says at each how long it holds. */
  readonly body: string;
  readonly what: string;
  /** This attempt included. */
  readonly attempts: number;
  /** null: its endpoint was removed. */
  readonly secret: string | null;
  /** For a person: why the gate is as it is. */
  readonly comment: string;
}

export interface DeliveryStore {
  /** Takes what is due, oldest first; another worker takes it only when this one has not settled it in time. */
  readonly take: (limit: number) => Promise<readonly DueDelivery[]>;
  /** Writes until when the message holds; the body as it is sent. */
  readonly holdsUntil: (id: string, at: Temporal.Instant) => Promise<string>;
  readonly delivered: (id: string) => Promise<void>;
  readonly retryIn: (id: string, seconds: number, failure: string) => Promise<void>;
  readonly giveUp: (id: string, failure: string) => Promise<void>;
  /** It is no longer true, so it is not sent. */
  readonly withdraw: (id: string, reason: string) => Promise<void>;
}

/** A system that may send webhooks. */
export interface HookSource {
  readonly name: string;
  readonly scheme: HookScheme;
  readonly account: string;
  readonly services: Readonly<Record<string, string>>;
  readonly environments: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly createdAt: Temporal.Instant;
  readonly formerUntil: Temporal.Instant | null;
}

export interface HookSecrets {
  readonly secret: string;
  readonly former: string | null;
}

export interface HookStore {
  readonly insert: (source: HookSource, secret: string) => Promise<boolean>;
  readonly list: () => Promise<readonly HookSource[]>;
  readonly find: (name: string) => Promise<(HookSource & HookSecrets) | null>;
  readonly rotate: (name: string, secret: string, formerUntil: Temporal.Instant) => Promise<HookSource | null>;
  readonly remove: (name: string) => Promise<HookSource | null>;
  /** False: this delivery of this source is there already, or one with its content that has not failed. */
  readonly store: (delivery: NewDelivery) => Promise<boolean>;
  readonly deliveries: (query: DeliveryQuery) => Promise<DeliveryPage>;
  /** Makes a stored delivery wait to be handled again; null when there is none. */
  readonly replay: (id: string) => Promise<HookDelivery | null>;
  /** Takes deliveries that wait, oldest first; another worker takes one only when this one has not settled it in time. */
  readonly take: (limit: number) => Promise<readonly (HookDelivery & { readonly body: string })[]>;
  readonly settle: (
    id: string,
    as: {
      readonly state: "received" | "done" | "ignored" | "failed";
      readonly sentence: string;
      readonly gate: string | null;
    },
  ) => Promise<void>;
}

export interface NewDelivery {
  readonly id: string;
  readonly source: string;
  readonly delivery: string;
  /** Digest of the body; null where the number of the delivery is proof enough. */
  readonly content: string | null;
  readonly event: string;
  readonly body: string;
}

export interface HookDelivery {
  readonly id: string;
  readonly source: string;
  readonly delivery: string;
  readonly event: string;
  readonly receivedAt: Temporal.Instant;
  readonly state: "received" | "done" | "ignored" | "failed";
  readonly attempts: number;
  readonly handledAt: Temporal.Instant | null;
  readonly sentence: string | null;
  readonly gate: string | null;
  readonly bytes: number;
}

export interface DeliveryQuery {
  readonly source: string | null;
  readonly state: HookDelivery["state"] | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface DeliveryPage {
  readonly items: readonly HookDelivery[];
  readonly next: string | null;
}

/** What a delivery says about itself before it is believed; header names in lower case. */
export interface IncomingHook {
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

export type HookAnswer = Result<
  { readonly id: string | null; readonly isRepeated: boolean },
  "unknown-source" | "bad-signature" | "stale" | "not-utf8"
>;

export interface HookOperations {
  readonly createCallback: (
    input: { readonly name: string; readonly url: string },
    call: Call,
  ) => Promise<
    Result<
      { readonly callback: CallbackState; readonly secret: string },
      { readonly code: "name-taken" } | { readonly code: "bad-address"; readonly reason: string }
    >
  >;
  readonly listCallbacks: () => Promise<readonly CallbackState[]>;
  readonly removeCallback: (name: string, call: Call) => Promise<Result<CallbackState, "no-such-callback">>;
  readonly createHook: (
    input: Pick<HookSource, "name" | "scheme" | "account" | "services" | "environments">,
    call: Call,
  ) => Promise<Result<{ readonly hook: HookSource; readonly secret: string }, "name-taken" | "not-your-account">>;
  readonly listHooks: () => Promise<readonly HookSource[]>;
  readonly rotateHook: (
    name: string,
    call: Call,
  ) => Promise<Result<{ readonly hook: HookSource; readonly secret: string }, "no-such-hook">>;
  readonly removeHook: (name: string, call: Call) => Promise<Result<HookSource, "no-such-hook">>;
  readonly receive: (hook: IncomingHook) => Promise<HookAnswer>;
  readonly deliveries: (query: DeliveryQuery) => Promise<DeliveryPage>;
  readonly replay: (id: string, call: Call) => Promise<Result<HookDelivery, "no-such-delivery">>;
}
