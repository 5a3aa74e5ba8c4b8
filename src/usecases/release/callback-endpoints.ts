import { err, ok, type Result } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";
import type { CallbackState, CallbackStore, HookOperations } from "#usecases/release/hook-types.ts";

export interface CallbackEndpointsDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly callbacks: CallbackStore;
  /** What is wrong with the address; null when it can be used. */
  readonly flawOf: (url: string) => string | null;
  /** `whsec_…`, as Standard Webhooks write a secret. */
  readonly makeSecret: () => string;
  readonly newCallbackId: () => string;
}

type Endpoints = Pick<HookOperations, "createCallback" | "listCallbacks" | "removeCallback">;

/** Places to which gates may send: named once by somebody who may, so that a pipeline cannot aim at what it likes. */
export function makeCallbackEndpoints(deps: CallbackEndpointsDeps): Endpoints {
  return {
    createCallback: (input, call) => create(deps, input, call),
    listCallbacks: () => deps.callbacks.list(),
    removeCallback: async (name, call) => {
      const removed = await deps.callbacks.remove(name, deps.now());
      if (removed === null) return err("no-such-callback");
      await note(deps, "callback.remove", removed, call);
      return ok(removed);
    },
  };
}

async function create(
  deps: CallbackEndpointsDeps,
  { name, url }: { readonly name: string; readonly url: string },
  call: Call,
): Promise<
  Result<
    { readonly callback: CallbackState; readonly secret: string },
    { readonly code: "name-taken" } | { readonly code: "bad-address"; readonly reason: string }
  >
> {
  const reason = deps.flawOf(url);
  if (reason !== null) return err({ code: "bad-address", reason });
  const secret = deps.makeSecret();
  const endpoint = { id: deps.newCallbackId(), name, url, createdBy: call.actor.person, createdAt: deps.now() };
  if (!(await deps.callbacks.insert({ ...endpoint, secret }))) return err({ code: "name-taken" });
  await note(deps, "callback.create", endpoint, call);
  return ok({ callback: { ...endpoint, waiting: 0, givenUp: 0, lastFailure: null }, secret });
}

async function note(
  { transact, now }: CallbackEndpointsDeps,
  action: string,
  { id, name, url }: Pick<CallbackState, "id" | "name" | "url">,
  call: Call,
): Promise<void> {
  await transact((records) =>
    records.audit.append({
      at: now(),
      actor: call.actor,
      action,
      object: id,
      outcome: "done",
      reason: null,
      verdict: null,
      requestId: call.requestId,
      before: null,
      after: { name, url },
    }),
  );
}
