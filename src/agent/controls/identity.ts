import { setTimeout as delay } from "node:timers/promises";
import { ask, shown, type Ports } from "#agent/controls/call.ts";
import { said, type ProbeOutcome } from "#agent/controls/outcome.ts";
import type { ProbeOf } from "#agent/controls/settings.ts";
import { monotonicMs } from "#runtime/clock.ts";

const lookEveryMs = 250;

/** Does the service that is called see who called first? */
export async function probeIdentity(
  { subject, call, status, seen, withinSeconds }: ProbeOf<"identity">,
  ports: Ports,
  nonce: string,
): Promise<ProbeOutcome> {
  const filling = { nonce, subject };
  const called = await ask(call, ports, filling);
  if (called.kind === "none")
    return said("inconclusive", `The call had no answer: ${called.why}.`, { call: shown(called) });
  if (!status.includes(called.status)) {
    return said("inconclusive", `The call got ${called.status}, so nothing was passed on.`, { call: shown(called) });
  }
  const deadline = monotonicMs() + withinSeconds * 1000;
  for (;;) {
    const looked = await ask(seen, ports, filling);
    const facts = { call: shown(called), seen: shown(looked) };
    if (looked.kind === "answer" && looked.status === 200 && looked.text.includes(subject)) {
      return said("proven", `${subject} was seen at ${seen.to}.`, facts);
    }
    if (monotonicMs() < deadline) {
      await delay(lookEveryMs);
      continue;
    }
    if (looked.kind === "none") return said("inconclusive", `${seen.to} had no answer: ${looked.why}.`, facts);
    if (looked.status !== 200) return said("inconclusive", `${seen.to} answered ${looked.status}.`, facts);
    return said("failed", `The caller's subject is missing at ${seen.to}.`, facts);
  }
}
