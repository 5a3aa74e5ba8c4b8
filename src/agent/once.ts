import type { z } from "zod";
import type { Refusal } from "#agent/refusal.ts";
import { fenceIn, keyOf, type Place, type World } from "#agent/world.ts";
import type { LedgerEntry } from "#contract/agent.ts";
import { err, ok, type Result } from "#core/result.ts";
import { systemClock } from "#runtime/clock.ts";

export interface Command {
  readonly key: string;
  readonly fence: number;
}

export interface Effect<Answer> {
  readonly effect: LedgerEntry["effect"];
  /** What is asked for; together with place and kind of effect it is what a key stands for. */
  readonly detail: string;
  readonly answer: z.ZodType<Answer>;
  /** Why it cannot be done now; nothing is on record then, and the same key may succeed later. */
  readonly check: () => Promise<Refusal | null>;
  /** Does it, or finds it done. Called again for the same key only if the agent ended before the answer was stored. */
  readonly apply: () => Promise<Result<Answer, Refusal>>;
}

/**
 * Carries out an effect once for its key (semantics §6): a lower fence than the highest seen in the environment is
 * refused, a known key gets its first answer, the intent is on disk before the effect and the answer before it is given.
 */
export function once<Answer>(
  world: World,
  place: Place,
  command: Command,
  effect: Effect<Answer>,
): Promise<Result<Answer, Refusal>> {
  const done = world.lanes.enter(keyOf(place), () => inTurn(world, place, command, effect));
  const message = `Too much waits for ${place.service} in ${place.environment}; ask again.`;
  return done ?? Promise.resolve(err({ code: "busy", status: 503, message }));
}

async function inTurn<Answer>(
  world: World,
  { environment, service }: Place,
  { key, fence }: Command,
  { effect, detail, answer, check, apply }: Effect<Answer>,
): Promise<Result<Answer, Refusal>> {
  const body = JSON.stringify([environment, service, effect, detail]);
  const at = systemClock.now().toString();
  const intent = { at, environment, service, effect, detail, key, fence, body };
  const { ledger } = world;
  const highest = fenceIn(world, environment);
  if (fence < highest) {
    await ledger.record(intent, "refused");
    const message = `Fence ${fence} is behind ${highest} in ${environment}: another run has taken over; stop.`;
    return err({ code: "stale-fence", status: 409, message });
  }
  const known = ledger.bodyOf(key);
  if (known !== null && known !== body) {
    return err({ code: "key-conflict", status: 409, message: `Key ${key} was used for ${known}; use another key.` });
  }
  const stored = ledger.answerTo(key);
  if (stored !== null) {
    await ledger.record(intent, "replayed");
    return ok(answer.parse(stored.answer));
  }
  const refusal = await check();
  if (refusal !== null) return err(refusal);
  await ledger.intend(intent);
  const result = await apply();
  if (result.ok) await ledger.record(intent, "applied", result.value);
  return result;
}
