import type { DeploymentId } from "#core/id.ts";
import { isTransient } from "#store/sql.ts";
import type { Call } from "#usecases/operations.ts";
import type { Asked, Clients } from "./clients.ts";
import type { Plane } from "./plane.ts";
import type { Random } from "./random.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import type { RunRow, Snapshot, StepRow } from "./snapshot.ts";
import {
  configurationText,
  developers,
  environments,
  hookSource,
  operators,
  runbooks,
  services,
  usual,
  versions,
} from "./world.ts";

/** People and other systems: they ask through a process of the API, look at what they are told, and ask again if nobody answers. */

export interface PeopleParts {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly clients: Clients;
  readonly now: () => Temporal.Instant;
  readonly snapshot: () => Snapshot;
  /** A process of the API that is up, and what it offers; null when there is none. */
  readonly api: () => { readonly process: Process; readonly plane: Plane } | null;
  readonly notice: (situation: string) => void;
  readonly trace: (line: string) => void;
  /** The configuration as it was applied last, by whom it was acknowledged. */
  readonly configured: (configuration: Configuration) => void;
}

export interface Configuration {
  readonly frozen: boolean;
  readonly cluster: 1 | 2;
  readonly calls: 1 | 2;
}

export interface People {
  /** Somebody does something. */
  readonly act: () => void;
  /** After the faults: everything that waits for a person gets one. */
  readonly attend: (round: number) => void;
  /** Deliveries of each webhook, by the run that it names. */
  readonly webhooks: ReadonlyMap<string, number>;
}

const weights = {
  start: 30,
  answer: 26,
  turn: 6,
  "hand-over": 5,
  decide: 12,
  report: 8,
  request: 7,
  approve: 8,
  abort: 2,
  hold: 3,
  lift: 3,
  stop: 1,
  resume: 2,
  configure: 2,
  webhook: 3,
  "ask-again": 12,
} as const;

/** Steps that wait for an answer of a person, and what is written into their forms. */
const taskNames: ReadonlySet<string> = new Set(["sign", "verify", "confirm", "look", "list"]);
const forms: Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>> = {
  sign: { balance: 12 },
  list: { backup: true, "backup-evidence": "https://ops.example/backup" },
};

type Answer = { readonly ok: true; readonly id: string | null } | { readonly ok: false; readonly code: string };
type Ask = (plane: Plane, call: Call) => Promise<Answer>;

export function openPeople(parts: PeopleParts): People {
  const { random, scheduler, clients, snapshot, notice, trace } = parts;
  const webhooks = new Map<string, number>();
  /** What clients do again under the same key until somebody answers. */
  const again = new Map<string, () => void>();
  let keys = 0;
  let deliveries = 0;
  let configuration: Configuration = usual;

  const ask = (kind: string, by: string, key: string | null, object: string | null, body: Ask): void => {
    const api = parts.api();
    if (api === null) return;
    const asked = clients.ask(kind, key, object, scheduler.turns());
    const call: Call = {
      actor: { person: by, account: `${by}-bot`, method: "token" },
      requestId: `req-${asked.id}`,
      key,
    };
    trace(`${by} asks ${api.process.name}: ${kind} ${object ?? ""} ${key ?? ""}`.trimEnd());
    scheduler.spawn(api.process, `${kind} #${asked.id}`, async () => {
      const answer = await body(api.plane, call).catch((error: unknown): null => {
        if (!isTransient(error)) throw new Unexpected(kind, error);
        return null;
      });
      settle(asked, answer);
    });
  };

  const settle = (asked: Asked, answer: Answer | null): void => {
    asked.answeredTurn = scheduler.turns();
    asked.answeredAt = parts.now();
    asked.outcome = answer === null ? "lost" : answer.ok ? "ok" : "refused";
    asked.answer = answer === null ? null : answer.ok ? answer.id : answer.code;
    if (answer !== null && !answer.ok) notice(`refused-${answer.code}`);
    trace(`${asked.kind} #${asked.id} ${asked.outcome} ${asked.answer ?? ""}`.trimEnd());
    if (asked.key !== null && answer !== null) again.delete(asked.key);
  };

  /** Under one key, now and until somebody answers; now and then twice at once. */
  const insist = (kind: string, by: string, body: Ask): void => {
    const key = `key-${++keys}`;
    const once = (): void => ask(kind, by, key, null, body);
    again.set(key, once);
    once();
    if (!random.chance(0.15)) return;
    notice("asked-twice-at-once");
    once();
  };

  const openTasks = (): readonly StepRow[] =>
    snapshot().steps.filter(({ state, name }) => state === "running" && taskNames.has(name));
  const openConsents = (): readonly StepRow[] =>
    snapshot().steps.filter(({ state, name }) => state === "running" && name === "consent");
  const running = (): readonly RunRow[] => snapshot().runs.filter(({ endedAt }) => endedAt === null);

  const start = (): void => {
    const by = random.pick(random.chance(0.5) ? operators : developers);
    const runbook = random.pick(runbooks);
    const urgent = random.chance(0.15);
    insist("start", by, async ({ plans }, call) => {
      const made = await plans.startRun({ runbook, reason: "It is planned.", owner: null, urgent }, call);
      if (made.ok) return { ok: true, id: made.value.run.id };
      return { ok: false, code: typeof made.error === "string" ? made.error : made.error.code };
    });
  };

  const answer = (task: StepRow, outcome: "done" | "failed"): void => {
    const by = random.pick(developers);
    const form = forms[task.name] ?? {};
    const { run: id, part, name: step } = task;
    ask("answer", by, null, `${id}:${part}:${step}`, async ({ plans }, call) => {
      const said = await plans.answerTask({ id, part, step, outcome, note: "So it is.", form }, call);
      return said.ok ? { ok: true, id } : { ok: false, code: said.error.code };
    });
  };

  const turn = (id: string): void =>
    ask("turn", random.pick(operators), null, id, async ({ plans }, call) => {
      const turned = await plans.turnRun({ id, reason: "It does not look well." }, call);
      return turned.ok ? { ok: true, id } : { ok: false, code: turned.error };
    });

  const consent = ({ run: id, part, name: step, content }: StepRow, decision: "approved" | "rejected"): void =>
    ask("consent", random.pick(developers), null, `${id}:${part}:${step}`, async ({ plans }, call) => {
      const input = {
        id,
        part,
        step,
        decision,
        note: "I have read it.",
        contentDigest: content ?? "",
        signature: null,
      };
      const decided = await plans.decideStep(input, call);
      if (decided.ok) notice(`consent-${decision}`);
      return decided.ok ? { ok: true, id } : { ok: false, code: decided.error };
    });

  const report = (status: "ok" | "outage"): void =>
    ask("report", "olga", null, status, async ({ intake }, call) => {
      const record = {
        service: "checkout-api",
        environment: "prod",
        status,
        source: "probe",
        at: parts.now(),
        ref: null,
      };
      const taken = await intake.submitReport({ kind: "signal", record }, call);
      return taken.ok ? { ok: true, id: null } : { ok: false, code: JSON.stringify(taken.error) };
    });

  const handOver = (id: string): void =>
    ask("hand-over", random.pick(operators), null, id, async ({ plans }, call) => {
      const handed = await plans.handOverRun({ id, to: random.pick(developers), reason: "The shift ends." }, call);
      return handed.ok ? { ok: true, id } : { ok: false, code: handed.error };
    });

  const request = (): void => {
    const service = random.pick(services);
    const version = random.pick(versions);
    const environment = random.chance(0.7) ? "stage" : "prod";
    insist("request", random.pick(developers), async ({ operations }, call) => {
      const input = { service, version, environment, class: "normal", whenBlocked: "wait" } as const;
      const made = await operations.requestDeployment(input, call);
      return made.ok ? { ok: true, id: made.value } : { ok: false, code: made.error };
    });
  };

  const approve = (id: DeploymentId, contentDigest: string, decision: "approved" | "rejected"): void =>
    ask("approve", random.pick(developers), null, id, async ({ operations }, call) => {
      const input = { id, decision, reason: "I have read it.", contentDigest, despite: [] };
      const decided = await operations.decideApproval(input, call);
      if (decided.ok) notice("deployment-approved");
      return decided.ok ? { ok: true, id } : { ok: false, code: decided.error };
    });

  const abort = (id: DeploymentId): void =>
    ask("abort", random.pick(operators), null, id, async ({ operations }, call) => {
      const aborted = await operations.abortDeployment({ id, reason: "Not today." }, call);
      return aborted.ok ? { ok: true, id } : { ok: false, code: aborted.error };
    });

  const decide = (id: DeploymentId): void =>
    ask("decide", random.pick(operators), null, id, async ({ operations }, call) => {
      const decided = await operations.decideHeld({ id, decision: "go-on", reason: "It looks well." }, call);
      return decided.ok ? { ok: true, id } : { ok: false, code: decided.error };
    });

  const hold = (): void => {
    const environment = random.pick(environments);
    ask("hold", random.pick(operators), null, environment, async ({ intake }, call) => {
      const input = { scope: { environments: [environment] }, reason: "We look into it.", until: null, liftedBy: null };
      const placed = await intake.placeHold(input, call);
      return placed.ok ? { ok: true, id: placed.value.hold.id } : { ok: false, code: placed.error };
    });
  };

  const lift = (id: string, by: string): void =>
    ask("lift", by, null, id, async ({ intake }, call) => {
      const lifted = await intake.liftHold({ id, reason: "It is clear." }, call);
      if (lifted.ok) return { ok: true, id };
      return { ok: false, code: typeof lifted.error === "string" ? lifted.error : lifted.error.code };
    });

  const stop = (): void =>
    ask("stop", random.pick(operators), null, null, async ({ intake }, call) => {
      const placed = await intake.stop({ reason: "Something burns.", until: null, allowsRollBack: true }, call);
      return placed.ok ? { ok: true, id: placed.value.stop.id } : { ok: false, code: placed.error };
    });

  const resume = (id: string): void =>
    ask("resume", random.pick(operators), null, id, async ({ intake }, call) => {
      const resumed = await intake.resume({ id, reason: "The fire is out." }, call);
      return resumed.ok ? { ok: true, id } : { ok: false, code: resumed.error };
    });

  const configure = (next: Configuration): void => {
    configuration = next;
    ask("configure", "ada", null, JSON.stringify(next), async ({ operations }, call) => {
      const files = [{ path: "world.yaml", text: configurationText(next) }];
      const applied = await operations.applyConfiguration({ files, mode: "apply" }, call);
      if (!applied.ok) return { ok: false, code: applied.error.problems.map(({ message }) => message).join(" ") };
      notice("configuration-changed");
      parts.configured(next);
      return { ok: true, id: null };
    });
  };

  const webhook = (): void => {
    const run = `build-${++deliveries}`;
    const data = { service: random.pick(services), version: random.pick(versions), environment: "stage", run };
    const body = JSON.stringify({ type: "gate.ask", data });
    const headers = { "x-tidegate-token": hookSource.secret };
    const times = 1 + random.below(4);
    if (times > 1) notice("webhook-repeated");
    webhooks.set(run, times);
    for (let time = 0; time < times; time++) {
      ask("webhook", "alice", null, run, async ({ hooks }) => {
        const got = await hooks.receive({ source: hookSource.name, headers, bytes: Buffer.from(body) });
        return got.ok ? { ok: true, id: got.value.id } : { ok: false, code: got.error };
      });
    }
  };

  const waiting = () => snapshot().deployments.filter(({ state }) => state === "waiting");
  const some = <T>(from: readonly T[], then: (one: T) => void): void => {
    if (from.length > 0) then(random.pick(from));
  };

  const acts: Readonly<Record<keyof typeof weights, () => void>> = {
    start,
    answer: () => some(openTasks(), (task) => answer(task, random.chance(0.75) ? "done" : "failed")),
    turn: () =>
      some(running(), ({ id }) => {
        turn(id);
        if (random.chance(0.4)) turn(id);
      }),
    decide: () => some(openConsents(), (step) => consent(step, random.chance(0.85) ? "approved" : "rejected")),
    report: () => report(random.chance(0.85) ? "ok" : "outage"),
    "hand-over": () => some(running(), ({ id }) => handOver(id)),
    request,
    approve: () =>
      some(
        waiting().filter(({ environment }) => environment === "prod"),
        ({ id, contentDigest }) => approve(id, contentDigest, random.chance(0.85) ? "approved" : "rejected"),
      ),
    abort: () =>
      some(
        snapshot().deployments.filter(({ state }) => ["waiting", "queued", "running"].includes(state)),
        ({ id }) => abort(id),
      ),
    hold,
    lift: () =>
      some(
        snapshot().holds.filter(({ ended }) => !ended),
        ({ id, by }) => lift(id, by),
      ),
    stop,
    resume: () =>
      some(
        snapshot().stops.filter(({ ended }) => !ended),
        ({ id }) => resume(id),
      ),
    configure: () =>
      configure({
        frozen: random.chance(0.4),
        cluster: random.chance(0.7) ? 2 : 1,
        calls: random.chance(0.7) ? 1 : 2,
      }),
    webhook,
    "ask-again": () =>
      some([...again.values()], (once) => {
        notice("asked-again-after-loss");
        once();
      }),
  };

  return {
    webhooks,
    act: () => acts[random.weighted(weights)](),
    attend: (round) => {
      for (const once of again.values()) once();
      if (configuration.frozen) configure(usual);
      for (const { id, by, ended } of snapshot().holds) if (!ended) lift(id, by);
      for (const { id, ended } of snapshot().stops) if (!ended) resume(id);
      // What nobody answers has a time-out that says what it counts as.
      for (const task of openTasks()) if (random.chance(task.name === "verify" ? 0.4 : 0.8)) answer(task, "done");
      for (const step of openConsents()) consent(step, "approved");
      if (snapshot().steps.some(({ state, name }) => state === "running" && name === "well")) report("ok");
      for (const { id, contentDigest, environment } of waiting()) {
        if (round > patience) abort(id);
        else if (environment === "prod") approve(id, contentDigest, "approved");
      }
      for (const { id, held } of snapshot().deployments) if (held !== null) decide(id);
    },
  };
}

/** Rounds after which people give up what still waits: a rejection, for one, is final. */
const patience = 12;

/** A use case threw what is no failure of the store. */
export class Unexpected extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`, { cause });
    this.name = "Unexpected";
  }
}
