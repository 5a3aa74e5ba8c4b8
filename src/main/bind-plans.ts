import type { Pool } from "pg";
import { z } from "zod";
import type { StepEnd } from "#usecases/plan/plan-records.ts";
import { newId } from "#runtime/ids.ts";
import type { Log } from "#runtime/log.ts";
import { safePost } from "#runtime/safe-post.ts";
import { systemClock } from "#runtime/clock.ts";
import { digestOfBytes } from "#runtime/digest.ts";
import { secrets } from "#runtime/secrets.ts";
import { signStandard } from "#runtime/webhook-signature.ts";
import { documentVersions } from "#store/document-version.ts";
import { runsBefore } from "#store/plan-run-list.ts";
import { decodeCursor, encodeCursor } from "#store/cursor.ts";
import { messagesBefore } from "#store/plan-message.ts";
import { isStoreAway, isTransient, readSnapshot } from "#store/sql.ts";
import { makeAnswerTask } from "#usecases/plan/answer-task.ts";
import { stepKey } from "#usecases/plan/step-key.ts";
import { makeDecideStep } from "#usecases/plan/decide-step.ts";
import { makeSignStep } from "#usecases/plan/sign-step.ts";
import type { StepOperations } from "#usecases/plan/step-operations.ts";
import { makeHandOverRun, makeTurnRun } from "#usecases/plan/change-run.ts";
import { makeListResources } from "#usecases/plan/list-resources.ts";
import { makeListTasks } from "#usecases/plan/list-tasks.ts";
import { makeLookAtRuns } from "#usecases/plan/look-at-runs.ts";
import type { OutgoingCall } from "#usecases/plan/make-call.ts";
import { makeNoteOnRun } from "#usecases/plan/note-on-run.ts";
import { makeOverseeRun } from "#usecases/plan/oversee-run.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import { makeShowRun } from "#usecases/plan/show-run.ts";
import { makeShowRunbook } from "#usecases/plan/show-runbook.ts";
import { makeStartRun } from "#usecases/plan/start-run.ts";
import type { PlanDeps, StartCall } from "#usecases/plan/steps/driver.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { Binding } from "#main/bind-records.ts";
import { loop, type Sweep } from "#main/sweep.ts";
import { actQueue } from "#workflows/act-out.ts";
import { callQueue } from "#workflows/call-out.ts";
import type { FlowStarter } from "#workflows/flow.ts";

const ways = {
  calls: { workflow: "call-out", queue: callQueue },
  acts: { workflow: "act-out", queue: actQueue },
  looks: { workflow: "look-out", queue: actQueue },
} as const;

/** Workflows whose id is the key of the step that waits for them. */
export const callWorkflows: readonly string[] = Object.values(ways).map(({ workflow }) => workflow);

/** One durable call per step, however often the step is begun. */
export function startCallWith(starter: FlowStarter<Records>): StartCall {
  return async (records, step, to = "calls") => {
    const id = stepKey(step.run, step);
    const { workflow, queue } = ways[to];
    await starter.start(records, { workflow, id, input: step, place: { queue, key: id } });
  };
}

/** Runbooks and their runs, on the same way in as every deployment. */
export function bindPlans(pool: Pool, transact: Transact, deps: PlanDeps): PlanOperations & StepOperations {
  return {
    ...bindSteps(pool, transact, deps),
    listRunbooks: () => transact(async (records) => [...(await records.catalog.inForce()).runbooks.values()]),
    startRun: makeStartRun({ ...deps, transact, newRunId: () => newId("run") }),
    showRun: makeShowRun({ now: deps.now, transact }),
    criteriaOf: (id) =>
      transact(async ({ runs, criteria }) => ((await runs.find(id)) === null ? null : await criteria.ofRun(id))),
    listRuns: (asked) => readSnapshot(pool, (client) => runsBefore(client, asked)),
    answerTask: makeAnswerTask({ ...deps, ...signing, transact }),
    turnRun: makeTurnRun({ ...deps, transact }),
    handOverRun: makeHandOverRun({ ...deps, transact }),
    overseeRun: makeOverseeRun({ ...deps, transact }),
    noteOnRun: makeNoteOnRun({ now: deps.now, transact }),
    showRunbook: makeShowRunbook({ transact, versionsOf: (name) => documentVersions(pool, "Runbook", name) }),
    listResources: makeListResources({ now: deps.now, transact }),
    listTasks: makeListTasks({ digestOf: deps.digestOf, transact }),
  };
}

const messageCursor = z.tuple([z.int()]);

/** Signatures live on the machine's clock, like all credentials. */
const signing = { credentialNow: systemClock.now, secrets, digestOfBytes };

/** Decisions on steps, signatures and files. */
function bindSteps(pool: Pool, transact: Transact, deps: PlanDeps): StepOperations {
  return {
    decideStep: makeDecideStep({ ...deps, ...signing, transact }),
    signStep: makeSignStep({ ...deps, ...signing, transact }),
    listMessages: async (person, { limit, cursor }) => {
      const before = cursor === null ? null : messageCursor.safeParse(decodeCursor(cursor));
      if (before?.success === false) return { items: [], next: null };
      const found = await readSnapshot(pool, (client) =>
        messagesBefore(client, person, before?.data[0] ?? null, limit + 1),
      );
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, next: found.length > limit && last !== undefined ? encodeCursor([last.seq]) : null };
    },
    readFile: (id, digest) => transact((records) => records.files.content(id, digest)),
  };
}

/** Due steps are looked for at least this often, on every worker, whether or not anybody calls. */
const lookEveryMs = 1000;
/** Each step of a run that ends hints at the next one, so they follow each other as fast as this. */
const lookAgainMs = 20;

/** Moves runs on that have something due, again and again. */
export function sweepRuns(
  deps: PlanDeps,
  { transact, withRuns }: Pick<Binding, "transact" | "withRuns">,
  log: Log,
  onHint: (call: () => void) => void,
): Sweep {
  const report = (run: string, error: unknown): void =>
    log.error({ run, error: String(error) }, "a run could not be looked at");
  const look = makeLookAtRuns({
    ...deps,
    transact,
    withRuns,
    report,
    transient: { is: isTransient, isLoss: isStoreAway },
  });
  return loop(async () => void (await look()), lookEveryMs, log, onHint, lookAgainMs);
}

/** Statuses after which the same message may be taken a moment later. */
const passing = new Set([408, 425, 429]);

/** Posts the message of a step once: what may pass is thrown, so that it is tried again; what will not is its end. */
export function sendCallWith(transact: Transact, allow: readonly string[]): (call: OutgoingCall) => Promise<StepEnd> {
  return async ({ url, key, body }) => {
    const secret = await transact((records) => records.runs.secretFor(url));
    if (secret === null) return { state: "failed", outcome: `${url} is not registered any more.` };
    const seconds = Math.floor(systemClock.now().epochMilliseconds / 1000);
    const signed = signStandard({ id: key, body, secret }, seconds);
    const sent = await safePost(url, body, { allow, headers: { ...signed, "idempotency-key": key } });
    if (sent.ok) return { state: "done", outcome: `${new URL(url).host} took it.` };
    const { status, message, code } = sent.error;
    const isLasting = code === "bad-address" || (status !== null && status < 500 && !passing.has(status));
    if (!isLasting) throw new Error(message);
    return { state: "failed", outcome: message };
  };
}
