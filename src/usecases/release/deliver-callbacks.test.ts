import assert from "node:assert/strict";
import { test } from "node:test";
import { err, ok } from "#core/result.ts";
import { makeDeliverCallbacks, type DeliverCallbacksDeps } from "#usecases/release/deliver-callbacks.ts";

const until = Temporal.Instant.from("2026-11-03T07:15:00Z");

/** One message for GitHub, and what became of it. */
async function deliverOne(what: string, confirm: DeliverCallbacksDeps["confirm"]): Promise<readonly string[]> {
  const told: string[] = [];
  const say = (text: string) => async (): Promise<void> => void told.push(text);
  const callback = { kind: "github", url: "https://api.github.com/x", environment: "prod", installation: 5 } as const;
  const due = { id: "evt_1", gate: "gat_1", callback, body: "{}", what, attempts: 1, secret: null, comment: "" };
  const deliver = makeDeliverCallbacks({
    deliveries: {
      take: async () => [due],
      holdsUntil: async (_id, at) => `{"expiresAt":"${at.toString()}"}`,
      delivered: say("delivered"),
      retryIn: say("later"),
      giveUp: say("given up"),
      withdraw: async (_id, reason) => void told.push(reason),
    },
    confirm,
    post: async () => ok(undefined),
    gitHub: { answer: async ({ state }) => (told.push(state), ok(undefined)) },
    report: () => undefined,
  });
  await deliver();
  return told;
}

test("an approval goes out only while the gate is allowed in that moment", async () => {
  assert.deepEqual(await deliverOne("allowed", async () => ok(until)), ["approved", "delivered"]);
  const no = async () => err("the verdict is deny by now");
  assert.deepEqual(await deliverOne("allowed", no), ["Not sent: the verdict is deny by now."]);
});

test("a refusal is true for ever: it is sent without asking again", async () => {
  const never = async () => Promise.reject(new Error("asked again"));
  assert.deepEqual(await deliverOne("denied", never), ["rejected", "delivered"]);
});
