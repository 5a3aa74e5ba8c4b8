import { z } from "zod";
import { judgePairs } from "#core/rollout/pairs.ts";
import { createJudge } from "#core/rollout/judge.ts";
import { labId, toLabError } from "./line.ts";

/** Looks in one line; a day of seconds. */
const maxLooks = 86_400;

const count = z.number().int().min(0);
const look = z.tuple([z.number(), count, count, count, count]);

const line = z.discriminatedUnion("metric", [
  z.object({
    id: labId,
    alpha: z.number().gt(0).lt(1),
    metric: z.literal("rate"),
    margin: z.number().positive().optional(),
    looks: z.array(look).max(maxLooks),
  }),
  z.object({
    id: labId,
    alpha: z.number().gt(0).lt(1),
    metric: z.literal("values"),
    control: z.array(z.number()).max(maxLooks),
    canary: z.array(z.number()).max(maxLooks),
  }),
]);

type RateLine = Extract<z.infer<typeof line>, { metric: "rate" }>;

/**
 * A canary judged at every look as if the later ones did not exist: `{id, alpha, metric: "rate", looks: [[second,
 * controlRequests, controlErrors, canaryRequests, canaryErrors]…]}` (increments) gives `{id, outcome, at}` with the
 * second of the first look that says so. "worse" ends it; "not-worse" may still turn into "worse". `metric: "values"`
 * judges two series of equal length once, at their end. What cannot be read gives `{id, error}`.
 */
export function answerLine(input: unknown): object {
  const parsed = line.safeParse(input);
  if (!parsed.success) return toLabError(input, z.prettifyError(parsed.error));
  const { data } = parsed;
  if (data.metric === "rate") return { id: data.id, ...judgeRate(data) };
  if (data.control.length !== data.canary.length) {
    return toLabError(input, `control has ${data.control.length} values and canary ${data.canary.length}`);
  }
  return { id: data.id, outcome: judgePairs(data.control, data.canary, data.alpha), at: null };
}

function judgeRate({ alpha, margin, looks }: RateLine): { readonly outcome: string; readonly at: number | null } {
  const judge = createJudge({ alpha, margin: margin ?? 0.5, metrics: ["errors"] });
  let state = judge.initial;
  let notWorseAt: number | null = null;
  for (const [second, controlRequests, controlErrors, canaryRequests, canaryErrors] of looks) {
    state = judge.observe(state, {
      control: { requests: controlRequests, errors: controlErrors, latency: [] },
      canary: { requests: canaryRequests, errors: canaryErrors, latency: [] },
    });
    const { outcome } = judge.verdict(state);
    if (outcome === "worse") return { outcome, at: second };
    notWorseAt = outcome === "not-worse" ? (notWorseAt ?? second) : null;
  }
  return notWorseAt === null ? { outcome: "not-enough", at: null } : { outcome: "not-worse", at: notWorseAt };
}
