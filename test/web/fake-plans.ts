import { z } from "zod";
import type { ResourceQueue, RunbookPageBody, Tasks } from "#web/plan/queries.ts";
import type { Run, RunEvent, RunStep } from "#web/plan/run.ts";
import { askingHandlers, askingRun, askingSteps, askingTasks, decide } from "#test/web/fake-asking.ts";
import { Refused } from "#test/web/fake-refusal.ts";
import { aWavesRun, fakeWaveHandlers, wavesRun } from "#test/web/fake-waves.ts";
import { running as releasing, text } from "#test/web/fake-world.ts";

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export const runId = (digit: string): string => `run_${digit.repeat(32)}`;
export const movingRun = runId("a");
export const endedRun = runId("b");
const version = `sha256:${"c4".repeat(32)}`;
const older = `sha256:${"d5".repeat(32)}`;

export interface Plans {
  readonly runs: Map<string, Run>;
  /** Whether the viewer's inbox has steps that ask. */
  asks: boolean;
}

type Given = Partial<RunStep> & Pick<RunStep, "name" | "kind" | "does">;

function step(given: Given): RunStep {
  return {
    part: "forward",
    after: [],
    column: 0,
    timeout: 3600,
    state: "pending",
    begunAt: null,
    deadline: null,
    endedAt: null,
    outcome: null,
    deployment: null,
    release: null,
    waits: null,
    waitsFor: null,
    task: null,
    consent: null,
    contacts: [],
    files: [],
    act: null,
    checks: [],
    answer: null,
    uses: [],
    queue: [],
    ...given,
  };
}

const allowed = (name: string) => ({ name, allowed: true, because: "The role release-manager grants it." });

const form: NonNullable<RunStep["task"]>["form"] = [
  { name: "balance", label: "Balance in cents", type: "number", required: true },
  { name: "equal", label: "Are they equal?", type: "yes-no", required: true },
  { name: "sheet", label: "Where they are written down", type: "link", required: false },
];

/** A run of high risk in the middle of its way: late, without an overseer, with a step that asks the viewer. */
function stepsAt(now: Temporal.Instant): RunStep[] {
  const ago = (minutes: number): string => text(now.subtract({ minutes }));
  const ahead = (minutes: number): string => text(now.add({ minutes }));
  const pending = (what: string) => ({ what, until: null, afterwards: null });
  return [
    step({
      name: "announce",
      kind: "record",
      does: "Orders are about to move.",
      state: "done",
      begunAt: ago(64),
      endedAt: ago(64),
      outcome: "Orders are about to move.",
    }),
    step({
      name: "sign",
      kind: "human-task",
      does: "Compare the balances of both clusters and sign.",
      after: ["announce"],
      column: 1,
      state: "running",
      begunAt: ago(64),
      deadline: ahead(56),
      waitsFor: { what: "An answer of ledger.", until: ahead(56), afterwards: "It counts as failed." },
      task: {
        who: "ledger",
        form,
        whenLate: "failed",
        answer: allowed("answer"),
        signature: false,
        attachments: "none",
      },
    }),
    step({
      name: "ship",
      kind: "sub-release",
      does: "Deploy checkout-api@4.2.0 to prod-emea.",
      after: ["announce"],
      column: 1,
      state: "running",
      begunAt: ago(30),
      deadline: ahead(210),
      deployment: releasing,
      waitsFor: { what: "The end of its deployment.", until: ahead(210), afterwards: "The deployment is aborted." },
    }),
    step({
      name: "copy-the-archive-of-last-year",
      kind: "http",
      does: "Call https://ops.example/copy.",
      after: ["announce"],
      column: 1,
      state: "queued",
      begunAt: ago(20),
      deadline: ahead(60),
      uses: [{ resource: "orders-db", units: 1 }],
      waitsFor: { what: "Its turn: place 1 for orders-db.", until: null, afterwards: null },
      queue: [
        {
          resource: "orders-db",
          capacity: 1,
          position: 1,
          holders: [{ run: endedRun, part: "forward", name: "dump", until: ahead(40) }],
          expected: { from: ahead(8), to: ahead(40) },
        },
      ],
    }),
    step({
      name: "switch",
      kind: "http",
      does: "Call https://ops.example/switch.",
      after: ["sign", "ship", "copy-the-archive-of-last-year"],
      column: 2,
      waitsFor: pending("The end of sign, ship, copy-the-archive-of-last-year."),
    }),
    step({
      name: "settle",
      kind: "wait-until",
      does: "Let 900 s pass.",
      after: ["switch"],
      column: 3,
      waitsFor: pending("The end of switch."),
    }),
    step({
      part: "undo",
      name: "ship",
      kind: "roll-back",
      does: "Take the release of ship back.",
      waitsFor: pending("A way back: it comes only if one is needed."),
    }),
    step({
      part: "rollback",
      name: "look",
      kind: "human-task",
      does: "See that orders run on the old cluster.",
      waitsFor: pending("A way back: it comes only if one is needed."),
      task: {
        who: "payments",
        form: [],
        whenLate: "failed",
        answer: { name: "answer", allowed: false, because: "It has not begun." },
        signature: false,
        attachments: "none",
      },
    }),
  ];
}

function aRun(now: Temporal.Instant): Run {
  return {
    id: movingRun,
    runbook: "orders-switch-over",
    version: older,
    reason: "As planned for the quarter, behind the freeze of the week before.",
    owner: "kemal",
    startedBy: "olga",
    state: "running",
    startedAt: text(now.subtract({ minutes: 64 })),
    latestRollbackStart: text(now.add({ minutes: 140 })),
    deadline: text(now.add({ minutes: 200 })),
    turned: null,
    overseer: { asked: "release-manager", person: null, since: null },
    usual: 3480,
    overrun: {
      at: text(now.subtract({ minutes: 6 })),
      because: "Nine of ten runs before took 58 min at most. sign has taken 58 min, usually 12 min at most.",
    },
    headline: "Under way: sign, ship, copy-the-archive-of-last-year (in a queue).",
    endedAt: null,
    outcome: null,
    isNewest: false,
    of: "runbook",
    findings: [
      {
        code: "overseer-missing",
        outcome: "hold",
        sentence:
          "The run is of high risk and nobody of release-manager is present, so no step that changes something begins.",
        remedies: [{ who: "ana, eve", what: "oversee the run" }],
      },
    ],
    actions: ["turn-back", "hand-over", "oversee", "note"].map(allowed),
    steps: stepsAt(now),
    timeline: eventsAt(now),
  };
}

function eventsAt(now: Temporal.Instant): RunEvent[] {
  const at = (minutes: number): string => text(now.subtract({ minutes }));
  const line = (minutes: number, kind: RunEvent["kind"], sentence: string, more: Partial<RunEvent> = {}): RunEvent => ({
    at: at(minutes),
    kind,
    by: null,
    sentence,
    step: null,
    ...more,
  });
  return [
    line(64, "run", "Began the run: As planned for the quarter.", { by: "olga" }),
    line(64, "step", "Done: Orders are about to move.", { step: { part: "forward", name: "announce" } }),
    line(40, "person", "Handed it over to kemal: My shift ends.", { by: "olga" }),
    line(22, "issue", "The copy is slower than in the rehearsal.", { by: "kemal" }),
    line(15, "decision", "We go on and leave out the archive of the year before.", { by: "kemal" }),
    line(6, "alert", "Nine of ten runs before took 58 min at most. sign has taken 58 min, usually 12 min at most."),
  ];
}

export function makePlans(now: Temporal.Instant): Plans {
  const moving = aRun(now);
  const ended: Run = {
    ...moving,
    id: endedRun,
    state: "rolled-back",
    runbook: "archive-dump",
    overseer: null,
    overrun: null,
    findings: [],
    actions: [allowed("note")],
    headline: "dump failed: There was no answer in time. The way back is done.",
    outcome: "dump failed: There was no answer in time. The way back is done.",
    endedAt: text(now.subtract({ hours: 2 })),
    startedAt: text(now.subtract({ hours: 3 })),
    steps: [
      step({
        name: "dump",
        kind: "http",
        does: "Call https://ops.example/dump.",
        state: "failed",
        outcome: "There was no answer in time.",
      }),
    ],
    timeline: [],
  };
  const asking: Run = {
    ...moving,
    id: askingRun,
    runbook: "balances",
    overseer: null,
    overrun: null,
    findings: [],
    headline: "Under way: check, sign, consent.",
    steps: askingSteps(now, step),
    timeline: [],
  };
  return {
    runs: new Map([moving, ended, asking, aWavesRun(now, moving, step)].map((run) => [run.id, run])),
    asks: false,
  };
}

const answering = z.object({ step: z.string(), outcome: z.enum(["done", "failed"]), note: z.string() });
const noting = z.object({ kind: z.enum(["issue", "decision"]), text: z.string() });
const handing = z.object({ to: z.string(), reason: z.string() });

/** Runs, runbooks and resources in memory; `emit` tells the pages. */
export function fakePlanHandlers(
  plans: Plans,
  now: () => Temporal.Instant,
  emit: (run: string) => void,
): Readonly<Record<string, (request: Request) => unknown>> {
  const find = (id: string | undefined): Run => {
    const found = plans.runs.get(id ?? "");
    if (found === undefined) throw new Refused(404, "no-such-run", `There is no run ${id}.`);
    return found;
  };
  const change = (id: string | undefined, by: (run: Run) => Partial<Run>, event: Omit<RunEvent, "at" | "by">): Run => {
    const run = find(id);
    const told = { ...event, at: text(now()), by: "ana" };
    const next = { ...run, ...by(run), timeline: [...run.timeline, told] };
    plans.runs.set(run.id, next);
    emit(run.id);
    return next;
  };
  return {
    ...reading(plans, now, find),
    ...askingHandlers,
    ...fakeWaveHandlers(now, () => find(wavesRun)),
    decideStep: ({ params, body }) =>
      change(
        params["id"],
        (run) => ({ steps: run.steps.map((one) => (one.name === "consent" ? decide(one, body, now()) : one)) }),
        { kind: "decision", sentence: "Decided.", step: { part: "forward", name: "consent" } },
      ),
    answerTask: ({ params, body }) => {
      const { step: name, outcome, note } = answering.parse(body);
      plans.asks = false;
      const settle = (one: RunStep): RunStep =>
        one.name === name && one.part === "forward"
          ? { ...one, state: outcome, outcome: `ana: ${note}`, endedAt: text(now()), waitsFor: null }
          : one;
      return change(params["id"], (run) => ({ steps: run.steps.map(settle) }), {
        kind: "decision",
        sentence: `Answered ${outcome}: ${note}`,
        step: { part: "forward", name },
      });
    },
    noteOnRun: ({ params, body }) => {
      const { kind, text: sentence } = noting.parse(body);
      return change(params["id"], () => ({}), { kind, sentence, step: null });
    },
    overseeRun: ({ params }) =>
      change(
        params["id"],
        (run) => ({
          findings: [],
          overseer: { asked: "release-manager", person: "ana", since: text(now()) },
          actions: run.actions.map((one) => (one.name === "oversee" ? allowed("leave") : one)),
        }),
        { kind: "person", sentence: "Oversees the run: I am here.", step: null },
      ),
    handOverRun: ({ params, body }) => {
      const { to, reason } = handing.parse(body);
      if (to === "nobody") throw new Refused(404, "no-such-person", "There is no person nobody.");
      return change(params["id"], () => ({ owner: to }), {
        kind: "person",
        sentence: `Handed it over to ${to}: ${reason}`,
        step: null,
      });
    },
    turnRunBack: ({ params }) =>
      change(
        params["id"],
        (run) => ({
          turned: { by: "ana", at: text(now()), reason: "The new cluster is slow." },
          actions: run.actions.filter(({ name }) => name === "note"),
          headline: "On its way back: ship. ana: The new cluster is slow.",
        }),
        { kind: "decision", sentence: "Turned the run back: The new cluster is slow.", step: null },
      ),
    startRun: () => find(movingRun),
  };
}

function reading(
  plans: Plans,
  now: () => Temporal.Instant,
  find: (id: string | undefined) => Run,
): Readonly<Record<string, (request: Request) => unknown>> {
  return {
    listRuns: ({ query }) => ({
      items: [...plans.runs.values()].filter((run) => isShown(run, query)).map(summary),
      next: null,
    }),
    getRun: ({ params }) => find(params["id"]),
    listTasks: () => {
      const asking = plans.runs.get(askingRun);
      if (!plans.asks || asking === undefined) return { items: [], unseen: [] };
      const { items, unseen } = tasksAt(now());
      return { items: [...items, ...askingTasks(asking)], unseen };
    },
    listResources: () => ({ items: resourcesAt(now()) }),
    listRunbooks: () => ({
      items: [runbook, { ...runbook, name: "archive-dump", summary: "", overseer: null, steps: 1 }],
    }),
    getRunbook: ({ params, query }) => {
      if (params["name"] !== runbook.name) throw new Refused(404, "no-such-runbook", "There is no such runbook.");
      return aRunbook(now(), query.get("version") ?? version);
    },
  };
}

function isShown(run: Run, query: URLSearchParams): boolean {
  const state = query.get("state");
  const show = query.get("show") ?? "running";
  const isInState =
    state === null
      ? show === "all" || (run.state === "running" && (show !== "late" || run.overrun !== null))
      : run.state === state;
  const service = query.get("service");
  return (
    isInState &&
    (query.get("runbook") ?? run.runbook) === run.runbook &&
    (service === null || (service === "checkout-api" && run.id !== askingRun && run.id !== wavesRun))
  );
}

function summary(run: Run): unknown {
  const { isNewest: _n, of: _o, findings: _f, actions: _a, steps: _s, timeline: _t, ...rest } = run;
  return rest;
}

function tasksAt(now: Temporal.Instant): Tasks {
  const about = { run: movingRun, runbook: "orders-switch-over" };
  const sign = stepsAt(now)[1];
  return {
    items: [
      {
        ...about,
        part: "forward",
        step: "sign",
        who: "ledger",
        instruction: sign?.does ?? "",
        form,
        whenLate: "failed",
        signature: false,
        attachments: "none",
        consent: null,
        begunAt: text(now.subtract({ minutes: 64 })),
        deadline: text(now.add({ minutes: 56 })),
      },
    ],
    unseen: [
      {
        ...about,
        asked: "release-manager",
        owner: "kemal",
        startedAt: text(now.subtract({ minutes: 64 })),
        latestRollbackStart: text(now.add({ minutes: 140 })),
      },
    ],
  };
}

function resourcesAt(now: Temporal.Instant): ResourceQueue[] {
  const place = {
    run: movingRun,
    runbook: "orders-switch-over",
    owner: "kemal",
    part: "forward",
    step: "copy-the-archive-of-last-year",
    units: 1,
    isUrgent: false,
    askedAt: text(now.subtract({ minutes: 20 })),
    heldAt: null,
    until: text(now.add({ minutes: 60 })),
    expected: null,
  } as const;
  const holder = {
    ...place,
    run: endedRun,
    runbook: "archive-dump",
    step: "dump",
    heldAt: text(now.subtract({ minutes: 25 })),
  };
  const expected = { from: text(now.add({ minutes: 8 })), to: text(now.add({ minutes: 40 })) };
  return [
    {
      name: "orders-db",
      owner: "ledger",
      capacity: 1,
      inUse: 1,
      holders: [holder],
      waiting: [
        { ...place, expected, isUrgent: true },
        { ...place, step: "switch", expected, units: 1 },
      ],
    },
    { name: "night-shift", owner: "payments", capacity: 4, inUse: 0, holders: [], waiting: [] },
  ];
}

const runbook = {
  name: "orders-switch-over",
  version,
  owner: "payments",
  summary: "Orders move to the new cluster.",
  within: 28_800,
  wayBack: 3600,
  steps: 6,
  overseer: "release-manager",
};

const document = `apiVersion: tidegate.dev/v1
kind: Runbook
metadata:
  name: orders-switch-over
spec:
  owner: payments
`;

function aRunbook(now: Temporal.Instant, shown: string): RunbookPageBody {
  const steps = stepsAt(now).map(({ part, name, after, column, kind, does, timeout, uses, task }) => ({
    part,
    name,
    after,
    column,
    kind,
    does,
    timeout,
    uses,
    undo: name === "ship" && part === "forward" ? "Take the release of ship back." : null,
    asks: task?.who ?? null,
  }));
  const place = "runbooks/orders.yaml:1";
  const before = text(now.subtract({ hours: 240 }));
  const since = text(now.subtract({ hours: 20 }));
  return {
    name: runbook.name,
    version: shown,
    runbook: { ...runbook, version: shown },
    steps,
    usual: 3480,
    text: shown === version ? `${document}  overseer: release-manager\n` : document,
    versions: [
      { version, from: since, to: null, appliedBy: "olga", place },
      { version: older, from: before, to: since, appliedBy: "kemal", place },
    ],
    actions: [allowed("start")],
  };
}
