import type { StayHealthy } from "#core/plan/guard.ts";
import { healthOf } from "#core/plan/health.ts";
import type { Subject } from "#core/policy/facts.ts";
import { sayInstant } from "#core/policy/say.ts";
import { isBefore } from "#core/span.ts";
import type { Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";
import { invokerOf } from "#usecases/release/request-deployment.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";

type Context = StepContext<StayHealthy>;

/** A reporter may fall silent, which changes no row: so it is looked at even when nothing has changed. */
const lookEvery = { minutes: 1 } as const;

/** Ends when the version was reported well for long enough without a break; what is not known does not count. */
export const stayHealthy: StepDriver<StayHealthy> = {
  begin: (context) => stand(context, context.at),
  look: (context, { begunAt }) => stand(context, begunAt),
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back before it had soaked." }),
};

async function stand(context: Context, begunAt: Temporal.Instant): Promise<Standing> {
  const { at, deadline, action, records } = context;
  const { service, version, environment, seconds } = action;
  const live = (await records.inventory.current(service, environment))?.version ?? null;
  if (live !== version) {
    return {
      state: "failed",
      outcome: `${service} is at ${live ?? "no version"} in ${environment}, not at ${version}.`,
    };
  }
  const { signals, zone } = await reported(context);
  const health = healthOf({ service, environment, signals, from: begunAt, zone });
  if (health.kind === "unwell") return { state: "failed", outcome: health.because };
  const done = health.kind === "well" ? health.since.add({ seconds }) : null;
  if (done !== null && !isBefore(at, done)) {
    return { state: "done", outcome: `${service} was well in ${environment} for ${seconds} s.`, notes: {} };
  }
  const because =
    health.kind === "unknown" ? health.because : `${service} is well since ${sayInstant(health.since, zone)}.`;
  if (!isBefore(at, deadline)) return { state: "refused", outcome: `It did not soak in time. ${because}` };
  return {
    state: "running",
    lookAt: earliest(context, done),
    notes: { waits: { because: [because], until: done?.toString() ?? null, needsSeconds: 0 } },
    watches: { environment, services: [service], digests: [] },
  };
}

function earliest({ at, deadline }: Context, done: Temporal.Instant | null): Temporal.Instant {
  let next = at.add(lookEvery);
  for (const moment of [done, deadline]) if (moment !== null && isBefore(moment, next)) next = moment;
  return next;
}

async function reported({ records, run, action, at }: Context) {
  const { people } = await records.catalog.inForce();
  const subject: Subject = {
    service: action.service,
    version: action.version,
    environment: action.environment,
    action: "deploy",
    class: "normal",
    invoker: invokerOf(people, run.account),
    requestedBy: run.startedBy,
    contentDigest: null,
    onBehalfOf: null,
  };
  const { signals, environment } = await records.facts.load(subject, at, horizonOf(at));
  return { signals, zone: environment?.zone ?? null };
}
