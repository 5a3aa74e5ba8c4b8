import type { z } from "zod";
import type { callback as wireCallback, hook as wireHook, hookDelivery as wireDelivery } from "#contract/hook.ts";
import type { DeepReadonly } from "#api/handler.ts";
import type { CallbackState, HookDelivery, HookSource } from "#usecases/release/hook-types.ts";

export function presentCallback({ createdAt, ...rest }: CallbackState): DeepReadonly<z.input<typeof wireCallback>> {
  return { ...rest, createdAt: createdAt.toString() };
}

/** Field by field: a source that carries its secret must not show it. */
export function presentHook(source: HookSource): DeepReadonly<z.input<typeof wireHook>> {
  const { name, scheme, account, services, environments, createdBy } = source;
  return {
    name,
    scheme,
    account,
    services,
    environments,
    createdBy,
    createdAt: source.createdAt.toString(),
    formerUntil: source.formerUntil?.toString() ?? null,
    path: `/v1/hooks/${name}`,
  };
}

export function presentDelivery(delivery: HookDelivery): DeepReadonly<z.input<typeof wireDelivery>> {
  const { id, source, event, state, attempts, sentence, gate, bytes } = delivery;
  return {
    id,
    hook: source,
    delivery: delivery.delivery,
    event,
    receivedAt: delivery.receivedAt.toString(),
    state,
    attempts,
    handledAt: delivery.handledAt?.toString() ?? null,
    sentence,
    gate,
    bytes,
  };
}
