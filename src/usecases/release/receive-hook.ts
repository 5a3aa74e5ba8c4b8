import type { HookScheme } from "#core/release/hook-intent.ts";
import { err, ok } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { Call } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";
import type { HookOperations, HookSource, HookStore, IncomingHook } from "#usecases/release/hook-types.ts";

export interface ReceiveHookDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly hooks: HookStore;
  /** Whether the bytes were signed with one of the secrets; looks at every secret, in constant time. */
  readonly verify: (
    scheme: HookScheme,
    secrets: readonly string[],
    headers: IncomingHook["headers"],
    bytes: Uint8Array,
  ) => "good" | "bad" | "stale";
  readonly digestOf: (bytes: Uint8Array) => string;
  readonly makeSecret: (scheme: HookScheme) => string;
  readonly accountsOf: (person: string) => Promise<readonly string[]>;
  readonly newDeliveryId: () => string;
}

/** For so long the secret before a rotation is accepted. */
export const formerSecretLives = { hours: 1 } as const;
/** A source that nobody has: it is verified all the same, so that time does not tell which names exist. */
const nobody = { scheme: "github", secret: "0".repeat(64), former: null } as const;

/**
 * A webhook is believed by its signature over the bytes as they came, stored, and answered; what it asks is done
 * afterwards, and can be done again from what is stored. The same delivery twice is stored once: by its number where the
 * number is signed, else by its content too, so that nobody gets it in again under another number.
 */
export function makeReceiveHook(deps: ReceiveHookDeps): HookOperations["receive"] {
  return async ({ source, headers, bytes }) => {
    const known = await deps.hooks.find(source);
    const { scheme, secret, former } = known ?? nobody;
    const until = known?.formerUntil ?? null;
    const formerHolds = until !== null && isBefore(deps.now(), until);
    const secrets = former !== null && formerHolds ? [secret, former] : [secret];
    const verified = deps.verify(scheme, secrets, headers, bytes);
    if (known === null) return err("unknown-source");
    if (verified === "stale") return err("stale");
    if (verified === "bad") return err("bad-signature");
    const body = textOf(bytes);
    if (body === null) return err("not-utf8");
    const id = deps.newDeliveryId();
    const digest = deps.digestOf(bytes);
    const delivery = deliveryOf(scheme, headers) ?? digest;
    const content = signsNumber[scheme] ? null : digest;
    const isNew = await deps.hooks.store({ id, source, delivery, content, event: eventOf(scheme, headers), body });
    return ok({ id: isNew ? id : null, isRepeated: !isNew });
  };
}

const deliveryHeaders: Readonly<Record<HookScheme, readonly string[]>> = {
  standard: ["webhook-id"],
  github: ["x-github-delivery"],
  gitlab: ["idempotency-key", "x-gitlab-event-uuid"],
  jenkins: ["x-tidegate-delivery"],
};

/** Whether the signature covers the number of a delivery, and its time with it. */
const signsNumber: Readonly<Record<HookScheme, boolean>> = {
  standard: true,
  github: false,
  gitlab: false,
  jenkins: false,
};

/** As the sender numbers it; null when it does not, so that the bytes themselves are the number. */
function deliveryOf(scheme: HookScheme, headers: IncomingHook["headers"]): string | null {
  const named = deliveryHeaders[scheme].map((name) => headers[name]).find((value) => value !== undefined);
  return named === undefined || !/^[\x21-\x7e]{1,200}$/.test(named) ? null : named;
}

function eventOf(scheme: HookScheme, headers: IncomingHook["headers"]): string {
  const name = { standard: "", github: "x-github-event", gitlab: "x-gitlab-event", jenkins: "" }[scheme];
  const value = headers[name] ?? scheme;
  return /^[\x20-\x7e]{1,100}$/.test(value) ? value : scheme;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

type Sources = Pick<HookOperations, "createHook" | "listHooks" | "rotateHook" | "removeHook" | "deliveries" | "replay">;

/** Who may send webhooks. A source acts with one of its maker's own accounts: nobody lends out somebody else's rights. */
export function makeHookSources(deps: ReceiveHookDeps): Sources {
  return {
    createHook: async (input, call) => {
      if (!(await deps.accountsOf(call.actor.person)).includes(input.account)) return err("not-your-account");
      const secret = deps.makeSecret(input.scheme);
      const hook = { ...input, createdBy: call.actor.person, createdAt: deps.now(), formerUntil: null };
      if (!(await deps.hooks.insert(hook, secret))) return err("name-taken");
      await note(deps, "hook.create", hook.name, { scheme: hook.scheme, account: hook.account }, call);
      return ok({ hook, secret });
    },
    listHooks: () => deps.hooks.list(),
    rotateHook: async (name, call) => {
      const before = await deps.hooks.find(name);
      if (before === null) return err("no-such-hook");
      const secret = deps.makeSecret(before.scheme);
      const hook = await deps.hooks.rotate(name, secret, deps.now().add(formerSecretLives));
      if (hook === null) return err("no-such-hook");
      await note(deps, "hook.rotate", name, { formerUntil: hook.formerUntil?.toString() ?? null }, call);
      return ok({ hook, secret });
    },
    removeHook: async (name, call) => {
      const removed = await deps.hooks.remove(name);
      if (removed === null) return err("no-such-hook");
      await note(deps, "hook.remove", name, null, call);
      return ok(removed);
    },
    deliveries: (query) => deps.hooks.deliveries(query),
    replay: async (id, call) => {
      const delivery = await deps.hooks.replay(id);
      if (delivery === null) return err("no-such-delivery");
      await note(deps, "hook.replay", id, { source: delivery.source, delivery: delivery.delivery }, call);
      return ok(delivery);
    },
  };
}

async function note(
  { transact, now }: ReceiveHookDeps,
  action: string,
  object: HookSource["name"],
  after: unknown,
  call: Call,
): Promise<void> {
  await transact((records) =>
    records.audit.append({
      at: now(),
      actor: call.actor,
      action,
      object,
      outcome: "done",
      reason: null,
      verdict: null,
      requestId: call.requestId,
      before: null,
      after,
    }),
  );
}
