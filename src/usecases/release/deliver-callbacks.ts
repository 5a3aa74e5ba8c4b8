import type { Failure, RuleAnswerer } from "#connectors/port.ts";
import { err, type Result } from "#core/result.ts";
import type { ConfirmGate } from "#usecases/release/confirm-gate.ts";
import type { DeliveryStore, DueDelivery } from "#usecases/release/hook-types.ts";

export interface DeliverCallbacksDeps {
  readonly deliveries: DeliveryStore;
  readonly confirm: ConfirmGate;
  /** Signs and posts; any answer of 200 to 299 counts. */
  readonly post: (
    url: string,
    message: { readonly id: string; readonly body: string; readonly secret: string },
  ) => Promise<Result<void, Failure>>;
  /** null: no app is set up. */
  readonly gitHub: Pick<RuleAnswerer, "answer"> | null;
  readonly report: (delivery: string, failure: string) => void;
}

/** Seconds from one attempt to the next; after the last one it is given up, some fourteen hours after the first. */
export const retryAfterSeconds = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600] as const;
/** Sent at the same time by one worker: a slow receiver keeps only its own place. */
const atOnce = 8;

/** One turn over what is due: sent at least once, in no promised order, each with an id for telling repetitions apart. */
export function makeDeliverCallbacks(deps: DeliverCallbacksDeps): () => Promise<number> {
  return async () => {
    const due = await deps.deliveries.take(atOnce);
    await Promise.all(due.map((delivery) => deliver(deps, delivery)));
    return due.length;
  };
}

async function deliver(deps: DeliverCallbacksDeps, due: DueDelivery): Promise<void> {
  const delivery = due.what === "allowed" ? await confirmed(deps, due) : due;
  if (delivery === null) return;
  const sent = await send(deps, delivery);
  if (sent.ok) {
    await deps.deliveries.delivered(delivery.id);
    return;
  }
  const { message, retry } = sent.error;
  const wait = retry === "later" ? retryAfterSeconds[delivery.attempts - 1] : undefined;
  if (wait !== undefined) {
    await deps.deliveries.retryIn(delivery.id, wait, message);
    return;
  }
  deps.report(delivery.id, message);
  await deps.deliveries.giveUp(delivery.id, message);
}

/** A "yes" is judged again before every attempt and says how long it holds; null: it is none any more. */
async function confirmed(deps: DeliverCallbacksDeps, delivery: DueDelivery): Promise<DueDelivery | null> {
  const until = await deps.confirm(delivery.gate);
  if (until.ok) return { ...delivery, body: await deps.deliveries.holdsUntil(delivery.id, until.value) };
  await deps.deliveries.withdraw(delivery.id, `Not sent: ${until.error}.`);
  return null;
}

async function send(deps: DeliverCallbacksDeps, delivery: DueDelivery): Promise<Result<void, Failure>> {
  const { callback, id, body, secret } = delivery;
  if (callback.kind === "webhook") {
    if (secret !== null) return await deps.post(callback.url, { id, body, secret });
    return never("endpoint-removed", "The callback was removed, so nothing was sent.");
  }
  if (deps.gitHub === null)
    return never("no-app", "No GitHub App is set up: start the server with TIDEGATE_GITHUB_APP_ID and its key.");
  const state = delivery.what === "allowed" ? "approved" : "rejected";
  const { url, environment, installation } = callback;
  return await deps.gitHub.answer({ url, environment, installation, state, comment: delivery.comment });
}

function never(code: string, message: string): Result<never, Failure> {
  return err({ code, message, retry: "never" });
}
