import type { Commander, Deployer } from "#connectors/port.ts";
import type { Judge } from "#usecases/policy/ask-verdict.ts";
import { judge } from "#main/bind-operations.ts";
import type { OutgoingCall } from "#usecases/plan/make-call.ts";
import { ok } from "#core/result.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { newId } from "#runtime/ids.ts";
import type { Records } from "#usecases/records.ts";
import type { InvariantId } from "./violation.ts";

/**
 * A defect that the product does not have, laid over its ports: the oracle is worth something only if it finds each of
 * them. Nothing of the product itself is changed.
 */
export interface Mutant {
  readonly name: string;
  readonly summary: string;
  /** Whichever of these is named counts as found. */
  readonly breaks: readonly InvariantId[];
  /** A seed that has found it, so that tests need not look for long; any other may find it too. */
  readonly tryFirst: bigint;
  readonly records?: (records: Records) => Records;
  readonly judge?: Judge;
  /** Of acts alone: deployments meet the fleet as it is. */
  readonly fleet?: (fleet: Deployer) => Deployer;
  readonly commander?: (commander: Commander) => Commander;
  readonly call?: (call: OutgoingCall) => OutgoingCall;
  readonly sweepClock?: (now: () => Temporal.Instant) => () => Temporal.Instant;
  /** Statements over the database of a seed: a guard of the store that the defect needs out of its way. */
  readonly prepare?: string;
}

export const healthy: Mutant = { name: "none", summary: "The product as it is.", breaks: [], tryFirst: 1n };

const withRuns = (records: Records, runs: Partial<Records["runs"]>): Records => ({
  ...records,
  runs: { ...records.runs, ...runs },
});
const withClaims = (records: Records, claims: Partial<Records["claims"]>): Records => ({
  ...records,
  claims: { ...records.claims, ...claims },
});
const nothing = async (): Promise<void> => undefined;
const farAway = Temporal.Instant.from("2099-01-01T00:00:00Z");

function bodyWith(call: OutgoingCall, change: Readonly<Record<string, unknown>>): OutgoingCall {
  const body: unknown = JSON.parse(call.body);
  return { ...call, body: JSON.stringify({ ...(typeof body === "object" ? body : {}), ...change }) };
}

export const mutants: readonly Mutant[] = [
  {
    name: "skip-fence",
    summary: "Calls do not carry the fencing numbers of what their step holds.",
    breaks: ["I4"],
    tryFirst: 3n,
    call: (call) => bodyWith(call, { fences: {} }),
  },
  {
    name: "drop-key",
    summary: "Every attempt of a call has a key of its own.",
    breaks: ["I3"],
    tryFirst: 4n,
    call: (call) => bodyWith(call, { key: newId("run") }),
  },
  {
    name: "reopen-terminal",
    summary: "Handing a run over begins one of its ended steps again, and the store lets it.",
    breaks: ["I11"],
    tryFirst: 43n,
    prepare: `drop trigger if exists plan_step_final on plan_step;
      do $$ declare c record; begin
        for c in select conname from pg_constraint where conrelid = 'plan_step'::regclass and contype = 'c' loop
          execute format('alter table plan_step drop constraint %I', c.conname);
        end loop; end $$`,
    records: (records) =>
      withRuns(records, {
        handOver: async (id, owner) => {
          await records.runs.handOver(id, owner);
          const ended = (await records.runs.steps(id)).find(({ endedAt }) => endedAt !== null);
          if (ended !== undefined)
            await records.runs.resumeStep({ ...ended, lookAt: ended.deadline, deployment: ended.deployment });
        },
      }),
  },
  {
    name: "fail-open",
    summary: "A verdict that is not allow counts as one.",
    breaks: ["I5", "I7"],
    tryFirst: 6n,
    judge: (facts) => ({ ...judge(facts), decision: "allow" }),
  },
  {
    name: "fire-early",
    summary: "The sweep over runs goes by a clock that is ten minutes ahead.",
    breaks: ["I14"],
    tryFirst: 3n,
    sweepClock: (now) => () => now().add({ minutes: 10 }),
  },
  {
    name: "lose-wake-up",
    summary: "A step in the queue is neither told nor looked at again.",
    breaks: ["I17"],
    tryFirst: 11n,
    records: (records) =>
      withRuns(records, {
        wakeQueued: nothing,
        beginStep: (step) => records.runs.beginStep(step.state === "queued" ? { ...step, lookAt: farAway } : step),
      }),
  },
  {
    name: "double-grant",
    summary: "Who looks at a queue does not see who holds the resource.",
    breaks: ["I4"],
    tryFirst: 17n,
    records: (records) =>
      withClaims(records, {
        open: async (names) => (await records.claims.open(names)).filter(({ isHeld }) => !isHeld),
      }),
  },
  {
    name: "forget-request",
    summary: "A run does not remember the key of the request that began it.",
    breaks: ["I2"],
    tryFirst: 1n,
    records: (records) => withRuns(records, { insert: (run) => records.runs.insert({ ...run, requestKey: null }) }),
  },
  {
    name: "unwritten-end",
    summary: "The end of a run leaves no entry in the record.",
    breaks: ["I8"],
    tryFirst: 1n,
    records: (records) => ({
      ...records,
      audit: {
        ...records.audit,
        append: async (act) => (act.action === "run.end" ? undefined : await records.audit.append(act)),
      },
    }),
  },
  {
    name: "deaf-turn",
    summary: "Turning a run back is acknowledged and not kept.",
    breaks: ["I21"],
    tryFirst: 22n,
    records: (records) => withRuns(records, { turn: nothing }),
  },
  {
    name: "wrong-undo",
    summary: "An undo goes out under the key of what it undoes, so the target takes it for a repetition.",
    breaks: ["I9"],
    tryFirst: 4n,
    call: (call) =>
      call.key.includes(":undo:") ? bodyWith(call, { key: call.key.replace(":undo:", ":forward:") }) : call,
  },
  {
    name: "overtake",
    summary: "The queue of a resource is served from its end.",
    breaks: ["I10"],
    tryFirst: 23n,
    records: (records) =>
      withClaims(records, {
        open: async (names) => (await records.claims.open(names)).map((claim) => ({ ...claim, seq: -claim.seq })),
      }),
  },
  {
    name: "drop-command-key",
    summary: "Every try of a command has a key that nobody knows.",
    breaks: ["I3"],
    tryFirst: 2n,
    commander: (commander) => ({
      ...commander,
      run: async (wish, command) => {
        const answer = await commander.run(wish, { ...command, key: newId("run") });
        return answer.ok ? ok({ ...answer.value, key: command.key }) : answer;
      },
    }),
  },
  {
    name: "old-number",
    summary: "What steps do at the fleet shows a number of before.",
    breaks: ["I4"],
    tryFirst: 2n,
    fleet: (fleet) => ({
      ...fleet,
      startVersion: (wish, command) => fleet.startVersion(wish, { ...command, fence: command.fence - 1 }),
      shift: (wish, command) => fleet.shift(wish, { ...command, fence: command.fence - 1 }),
    }),
  },
  {
    name: "believe-the-fleet",
    summary: "A share counts as set before anybody has asked for it.",
    breaks: ["I3"],
    tryFirst: 2n,
    fleet: (fleet) => shiftsNothing(fleet),
  },
  {
    name: "open-lock",
    summary: "A run that keeps an environment to itself gives its lock back at once.",
    breaks: ["I4"],
    tryFirst: 1n,
    records: (records) => ({
      ...records,
      locks: {
        ...records.locks,
        take: async (key, holder, until) => {
          const taken = await records.locks.take(key, holder, until);
          if (taken.taken && holder.startsWith("run_")) await records.locks.release(key, holder);
          return taken;
        },
      },
    }),
  },
  {
    name: "keep-lock",
    summary: "Whoever ends keeps the lock of the environment.",
    breaks: ["I23"],
    tryFirst: 1n,
    records: (records) => ({ ...records, locks: { ...records.locks, heldBy: async () => [] } }),
  },
  {
    name: "tell-nobody",
    summary: "Whoever is to be told gets no message.",
    breaks: ["I3"],
    tryFirst: 1n,
    records: (records) => ({ ...records, messages: { ...records.messages, insert: async () => 0 } }),
  },
  {
    name: "undo-in-order",
    summary: "A run forgets what comes after what.",
    breaks: ["I9"],
    tryFirst: 2n,
    records: (records) =>
      withRuns(records, {
        find: async (id) => unordered(await records.runs.find(id)),
        findForUpdate: async (id) => unordered(await records.runs.findForUpdate(id)),
      }),
  },
];

function unordered(run: PlanRun | null): PlanRun | null {
  if (run === null) return null;
  return { ...run, plan: { ...run.plan, steps: run.plan.steps.map((step) => ({ ...step, after: [] })) } };
}

function shiftsNothing(fleet: Deployer): Deployer {
  let told: { readonly version: string; readonly percent: number } | null = null;
  return {
    ...fleet,
    shift: async (wish) => {
      told = wish;
      return await fleet.observe(wish);
    },
    observe: async (target) => {
      const seen = await fleet.observe(target);
      if (!seen.ok || told === null) return seen;
      const { version, percent } = told;
      const versions = seen.value.versions.map((each) => (each.version === version ? { ...each, percent } : each));
      return ok({ ...seen.value, versions });
    },
  };
}
