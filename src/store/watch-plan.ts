import { z } from "zod";
import { metricSources } from "#core/criteria/criterion.ts";
import { isOfMetric, triggerKinds, type Trigger } from "#core/rollout/triggers.ts";
import type { Watch } from "#core/rollout/watch.ts";

const trigger = z.object({
  name: z.string(),
  kind: z.enum(triggerKinds),
  above: z.number(),
  breaches: z.number(),
  of: z.number(),
  minRequests: z.number(),
  evidence: z.string().nullable(),
});
const measure = trigger.extend({
  metric: z.object({
    source: z.enum(metricSources),
    query: z.string(),
    unit: z.string(),
    worse: z.enum(["higher", "lower"]),
    freshSeconds: z.number(),
    whenAbsent: z.enum(["zero", "unknown"]),
  }),
  /** Of a stabilisation: it takes nothing back. */
  isAlert: z.boolean(),
});
const globs = z.array(z.string()).exactOptional();

/** The document of kind Watch as it was when the version went live. */
export const watchPlan = z
  .object({
    name: z.string(),
    scope: z.object({
      environments: globs,
      services: globs,
      teams: globs,
      units: globs,
      tags: globs,
      regions: globs,
      dataClasses: globs,
      tiers: z.array(z.number()).exactOptional(),
      classes: globs,
      actions: globs,
      invokers: globs,
    }),
    priority: z.number(),
    armedSeconds: z.number(),
    triggers: z.array(trigger),
    stabilisation: z
      .object({
        lastsSeconds: z.number(),
        alerts: z.array(trigger),
        watcher: z.string().nullable(),
        checkInSeconds: z.number().nullable(),
        escalate: z.string().nullable(),
      })
      .nullable(),
    measures: z.array(measure).default([]),
  })
  .transform(({ measures, ...plan }): Watch => {
    const ofMetric = (isAlert: boolean): readonly Trigger[] =>
      measures.flatMap(({ isAlert: own, ...one }) => (own === isAlert ? [one] : []));
    const { stabilisation, triggers } = plan;
    return {
      ...plan,
      triggers: [...triggers, ...ofMetric(false)],
      stabilisation:
        stabilisation === null ? null : { ...stabilisation, alerts: [...stabilisation.alerts, ...ofMetric(true)] },
    };
  });

/**
 * Triggers with a metric stand beside the others: workers of the version before, which do not know their kind, read the rest
 * and go on watching it.
 */
export function toStoredPlan({ triggers, stabilisation, ...watch }: Watch): unknown {
  const plain = (all: readonly Trigger[]): readonly Trigger[] => all.filter((one) => !isOfMetric(one));
  const alerts = stabilisation?.alerts ?? [];
  return {
    ...watch,
    triggers: plain(triggers),
    stabilisation: stabilisation === null ? null : { ...stabilisation, alerts: plain(alerts) },
    measures: [
      ...triggers.filter(isOfMetric).map((one) => ({ ...one, isAlert: false })),
      ...alerts.filter(isOfMetric).map((one) => ({ ...one, isAlert: true })),
    ],
  };
}
