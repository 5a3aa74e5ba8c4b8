import { ask, shown, type Ports } from "#agent/controls/call.ts";
import { said, type ProbeOutcome } from "#agent/controls/outcome.ts";
import type { ProbeOf } from "#agent/controls/settings.ts";

/** Is what looks like an attack refused? Only where an ordinary request passes: what is dead or closed proves nothing. */
export async function probeRefused(
  { ordinary, ordinaryStatus, hostile, refusedWith }: ProbeOf<"refused">,
  ports: Ports,
  nonce: string,
): Promise<ProbeOutcome> {
  const plain = await ask(ordinary, ports, { nonce });
  const attack = await ask(hostile, ports, { nonce });
  const facts = { ordinary: shown(plain), hostile: shown(attack) };
  // Said first: an attack that goes through is no less of one because something else is wrong too.
  if (attack.kind === "answer" && !refusedWith.includes(attack.status)) {
    return said("failed", `The probe got ${attack.status}, not ${refusedWith.join(" or ")}.`, facts);
  }
  if (attack.kind === "none") return said("inconclusive", `The probe had no answer: ${attack.why}.`, facts);
  if (plain.kind === "none") return said("inconclusive", `The ordinary request had no answer: ${plain.why}.`, facts);
  if (!ordinaryStatus.includes(plain.status)) {
    const detail = `The ordinary request got ${plain.status}, so the refusal of the probe says nothing.`;
    return said("inconclusive", detail, facts);
  }
  return said("proven", `The probe got ${attack.status}, an ordinary request ${plain.status}.`, facts);
}
