import { can } from "#core/access/can.ts";
import type { Person } from "#core/catalog/people.ts";
import {
  mappedName,
  type HookIntent,
  type HookQuestion,
  type HookScheme,
  type RunTarget,
} from "#core/release/hook-intent.ts";
import type { Result } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { Call } from "#usecases/operations.ts";
import type { GateOperations } from "#usecases/release/gate-types.ts";
import type { HookDelivery, HookSource, HookStore } from "#usecases/release/hook-types.ts";

export interface HandleHooksDeps {
  readonly hooks: Pick<HookStore, "take" | "settle" | "find">;
  /** What a delivery asks; the error is a sentence. */
  readonly read: (scheme: HookScheme, event: string, body: string) => Result<HookIntent, string>;
  readonly people: () => Promise<ReadonlyMap<string, Person>>;
  readonly gates: Pick<GateOperations, "ask"> & { readonly endRun: EndRun };
  readonly report: (delivery: string, error: unknown) => void;
}

/** Ends the gate that an account asked for in a run: what a webhook says in the place of the holder of a lease. */
export type EndRun = (
  input: {
    readonly run: string;
    /** In our names. */
    readonly of: RunTarget;
    readonly end: Exclude<HookIntent, { readonly kind: "ask" | "ignore" }>;
  },
  call: Call,
) => Promise<{
  readonly state: "done" | "ignored" | "failed";
  readonly sentence: string;
  readonly gate: string | null;
}>;

/** A question that is older than its system would deliver it again for was kept back by somebody. */
export const askLives = { hours: 72 } as const;
/** Handled in one turn; the next turns take the rest. */
const atOnce = 50;
/** A delivery that fails for want of the store is tried this often; what it says is kept for a replay. */
export const maxAttempts = 5;

/** One turn over stored webhooks: each is read, done with the rights of its source's account, and settled. */
export function makeHandleHooks(deps: HandleHooksDeps): () => Promise<number> {
  return async () => {
    const taken = await deps.hooks.take(atOnce);
    for (const delivery of taken) {
      try {
        await deps.hooks.settle(delivery.id, await handle(deps, delivery));
      } catch (error) {
        deps.report(delivery.id, error);
        const state = delivery.attempts < maxAttempts ? "received" : "failed";
        const sentence = "It could not be handled; the log has the reason.";
        await deps.hooks.settle(delivery.id, { state, sentence, gate: null });
      }
    }
    return taken.length;
  };
}

type Settled = Parameters<HookStore["settle"]>[1];

async function handle(deps: HandleHooksDeps, delivery: HookDelivery & { readonly body: string }): Promise<Settled> {
  const failed = (sentence: string): Settled => ({ state: "failed", sentence, gate: null });
  const source = await deps.hooks.find(delivery.source);
  if (source === null) return failed("Its source was removed before it was handled.");
  const person = await personOf(deps, source.account);
  if (person === null) return failed(`Nobody has the account ${source.account} any more.`);
  const allowed = can({ person, actor: { account: source.account } }, "deployment.request");
  if (!allowed.allowed) return failed(allowed.because.join(" "));
  const intent = deps.read(source.scheme, delivery.event, delivery.body);
  if (!intent.ok) return failed(`It cannot be read: ${intent.error}.`);
  if (intent.value.kind === "ignore") return { state: "ignored", sentence: intent.value.sentence, gate: null };
  const actor = { person: person.name, account: source.account, method: "token" } as const;
  const call: Call = { actor, requestId: delivery.id };
  if (intent.value.kind !== "ask") {
    const { run, of } = intent.value;
    return await deps.gates.endRun({ run, of: mappedTarget(source, of), end: intent.value }, call);
  }
  const { askedAt } = intent.value.question;
  if (askedAt !== null && isBefore(askedAt.add(askLives), delivery.receivedAt)) {
    return failed(`It asks of ${askedAt.toString()}, more than ${askLives.hours / 24} days before it came.`);
  }
  return await ask(deps, source, intent.value.question, call);
}

function mappedTarget(source: HookSource, { service, environment }: RunTarget): RunTarget {
  return {
    service: service === null ? null : mappedName(source.services, service),
    environment: environment === null ? null : mappedName(source.environments, environment),
  };
}

async function personOf({ people }: HandleHooksDeps, account: string): Promise<Person | null> {
  for (const person of (await people()).values()) {
    if (person.accounts.some(({ name }) => name === account)) return person;
  }
  return null;
}

async function ask(
  deps: HandleHooksDeps,
  source: HookSource,
  { project, github, askedAt: _askedAt, ...question }: HookQuestion,
  call: Call,
): Promise<Settled> {
  const service = mappedName(source.services, project);
  const environment = mappedName(source.environments, question.environment);
  const asked = await deps.gates.ask(
    {
      ...question,
      service,
      environment,
      externalRun: question.run,
      externalUrl: question.url,
      key: null,
      whenOver: "ask-anew",
      ...(github === null ? {} : { github: { kind: "github", ...github } as const }),
    },
    call,
  );
  if (!asked.ok) {
    const what = `${service}@${question.version ?? question.digest ?? ""} to ${environment}`;
    return { state: "failed", sentence: `The gate was not opened for ${what}: ${asked.error}.`, gate: null };
  }
  const { gate, verdict } = asked.value.view;
  return { state: "done", sentence: `Asked; the verdict is ${verdict?.decision ?? "unknown"}.`, gate: gate.id };
}
