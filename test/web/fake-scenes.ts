import {
  aDeployment,
  allowed,
  blocked,
  environments,
  failing,
  idOf,
  opening,
  queued,
  running,
  secondOf,
  services,
  tell,
  text,
  waiting,
  type World,
} from "#test/web/fake-world.ts";

/** The world as the pages find it: one canary under way, one waiting, one queued, one about to fail, and a history. */
export function makeWorld(now: () => Temporal.Instant): World {
  const world: World = { now, deployments: new Map(), samples: new Map(), cells: [], audit: [] };
  for (const scene of [addRunning, addWaiting, addQueued, addFailing, addHistory, addCells, addAudit]) scene(world);
  return world;
}

function addRunning({ now, deployments, samples }: World): void {
  const ago = (seconds: number) => now().subtract({ seconds });
  const it = aDeployment(now(), {
    id: running,
    service: "checkout-api",
    version: "5.1.0",
    environment: "prod-emea",
    control: "5.0.3",
    state: "running",
    percent: 25,
    headline: "25 % of live traffic for 48 s; not worse than 5.0.3 so far. Watches until there is enough evidence.",
    startedAt: text(ago(150)),
    approvals: [{ person: "bob", decision: "approved", reason: "Load test and diff look fine.", at: text(ago(400)) }],
  });
  for (const [index, line] of opening.entries()) tell(it, ago(150 - index * 4), line);
  tell(it, ago(128), {
    step: "shift-traffic",
    name: "shift to 5 %",
    sentence: "5 % of live traffic goes to 5.1.0.",
    percent: 5,
  });
  tell(it, ago(70), {
    step: "observe",
    name: "watch 5 %",
    sentence: "Not worse than 5.0.3 after 118 requests.",
    percent: 5,
  });
  tell(it, ago(69), { step: "judge", name: "judge before 25 %", sentence: "Allowed: all 5 rules pass." });
  tell(it, ago(68), {
    step: "shift-traffic",
    name: "shift to 25 %",
    sentence: "25 % of live traffic goes to 5.1.0.",
    percent: 25,
  });
  deployments.set(it.id, it);
  const from = Math.floor(now().epochMilliseconds / 1000) - 128;
  samples.set(it.id, Array.from({ length: 128 }, (_, step) => secondOf(from + step, step < 60 ? 5 : 25, 0.003)).flat());
}

function addWaiting({ now, deployments }: World): void {
  deployments.set(
    waiting,
    aDeployment(now(), {
      id: waiting,
      service: "ledger-core",
      version: "2.8.0",
      environment: "prod-emea",
      control: "2.7.4",
      state: "waiting",
      percent: 0,
      startedAt: null,
      headline:
        "Waits for one more approval by the ledger team and for fraud-svc to recover; the window prod-weekend opens after that.",
      opensAt: text(now().add({ hours: 15, minutes: 12 })),
      requestedAt: text(now().subtract({ hours: 2, minutes: 40 })),
      requestedBy: "carol",
      fence: null,
      verdict: blocked(now(), "ledger-core", "2.8.0", "prod-emea"),
      approvals: [{ person: "dave", decision: "approved", reason: null, at: text(now().subtract({ hours: 1 })) }],
      actions: [
        { name: "approve", allowed: true, because: "" },
        { name: "reject", allowed: true, because: "" },
        {
          name: "abort",
          allowed: false,
          because: "You lack the permission deployment.abort; a release manager has it.",
        },
        { name: "roll-back", allowed: false, because: "The deployment has not ended; abort it instead." },
      ],
    }),
  );
}

function addQueued({ now, deployments }: World): void {
  deployments.set(
    queued,
    aDeployment(now(), {
      id: queued,
      service: "fraud-svc",
      version: "1.19.2",
      environment: "prod-emea",
      control: null,
      state: "queued",
      percent: 0,
      startedAt: null,
      headline: "It is allowed and waits for its turn in prod-emea.",
      requestedAt: text(now().subtract({ minutes: 1 })),
      fence: null,
      queue: { position: 1, holder: running, expectedTo: text(now().add({ minutes: 9 })) },
    }),
  );
}

function addFailing({ now, deployments, samples }: World): void {
  const it = aDeployment(now(), {
    id: failing,
    service: "pricing-svc",
    version: "3.3.0",
    environment: "prod-apac",
    control: "3.2.1",
    state: "running",
    percent: 0,
    headline: "Prepares 3.3.0 beside 3.2.1.",
    requestedAt: text(now().subtract({ seconds: 70 })),
    startedAt: text(now().subtract({ seconds: 60 })),
  });
  for (const [index, line] of opening.entries()) tell(it, now().subtract({ seconds: 60 - index }), line);
  deployments.set(it.id, it);
  samples.set(it.id, []);
}

const endings = [
  ["checkout-web", "9.2.0", "staging", "succeeded", "checkout-web 9.2.0 is live in staging, verified at the target."],
  [
    "checkout-api",
    "5.0.2",
    "prod-emea",
    "rolled-back",
    "5.0.2 answered 4.1 % of requests with errors at 25 %, 5.0.1 0.2 %. 5.0.1 is verified live at the target.",
  ],
  [
    "identity-gateway",
    "4.4.1",
    "prod-amer",
    "aborted",
    "Aborted by erin at 5 %: wrong feature flag. 4.4.0 is verified live at the target.",
  ],
  ["notify-mail", "2.0.0", "prod-emea", "failed", "Smoke test failed: mail is not delivered. No user was touched."],
  ["ledger-core", "2.7.9", "prod-apac", "rejected", "Rejected by dave: the migration cannot be undone."],
  [
    "catalog-search",
    "6.1.0",
    "prod-amer",
    "needs-human",
    "3.9 % of requests failed and going back could not be verified: the agent does not answer.",
  ],
  ["invoice-batch", "1.4.4", "staging", "cancelled", "Cancelled by bob before it started: replaced by 1.4.5."],
  ["fraud-svc", "1.19.1", "prod-emea", "succeeded", "fraud-svc 1.19.1 is live in prod-emea, verified at the target."],
  ["pricing-svc", "3.2.1", "prod-apac", "succeeded", "pricing-svc 3.2.1 is live in prod-apac, verified at the target."],
] as const;

function addHistory({ now, deployments, samples }: World): void {
  for (const [index, [service, version, environment, state, headline]] of endings.entries()) {
    const at = now().subtract({ minutes: 35 + index * index * 47 });
    const isLive = state === "succeeded";
    const it = aDeployment(at, {
      id: idOf(0x1000 + index),
      service,
      version,
      environment,
      state,
      headline,
      percent: isLive ? 100 : 0,
      startedAt: ["cancelled", "rejected"].includes(state) ? null : text(at.subtract({ minutes: 3 })),
      outcome: headline,
    });
    deployments.set(it.id, it);
    samples.set(it.id, []);
  }
  addRolledBack(deployments.get(idOf(0x1001)), now().subtract({ minutes: 85 }), samples);
}

function addRolledBack(
  it: ReturnType<typeof aDeployment> | undefined,
  start: Temporal.Instant,
  samples: World["samples"],
): void {
  if (it === undefined) return;
  const at = (seconds: number) => start.add({ seconds });
  for (const [index, line] of opening.entries()) tell(it, at(index * 3), line);
  tell(it, at(16), {
    step: "shift-traffic",
    name: "shift to 5 %",
    sentence: "5 % of live traffic goes to 5.0.2.",
    percent: 5,
  });
  tell(it, at(76), {
    step: "observe",
    name: "watch 5 %",
    sentence: "Not worse than 5.0.1 after 121 requests.",
    percent: 5,
  });
  tell(it, at(77), {
    step: "shift-traffic",
    name: "shift to 25 %",
    sentence: "25 % of live traffic goes to 5.0.2.",
    percent: 25,
  });
  tell(it, at(104), {
    step: "observe",
    name: "watch 25 %",
    phase: "failed",
    sentence: "Worse than 5.0.1: 4.1 % errors against 0.2 % after 292 requests.",
    percent: 25,
  });
  tell(it, at(105), { step: "roll-back", name: "roll back", sentence: "All traffic is back on 5.0.1." });
  tell(it, at(112), {
    step: "verify",
    name: "verify former version",
    sentence: "5.0.1 answers all requests at the target; smoke test passed.",
  });
  tell(it, at(114), { step: "stop-version", name: "stop 5.0.2", sentence: "checkout-api@5.0.2 is stopped." });
  tell(it, at(115), { step: "record", name: "record the end", phase: "failed", sentence: it.headline });
  const from = Math.floor(start.epochMilliseconds / 1000) + 16;
  const share = (step: number) => (step < 61 ? 5 : step < 89 ? 25 : 0);
  samples.set(
    it.id,
    Array.from({ length: 104 }, (_, step) => secondOf(from + step, share(step), step < 61 ? 0.004 : 0.05)).flat(),
  );
}

function addCells({ now, cells, deployments }: World): void {
  for (const [row, service] of services.entries()) {
    for (const [column, environment] of environments.entries()) {
      if (row === 5 && column > 1) continue;
      const open = [...deployments.values()].find(
        (one) => one.endedAt === null && one.service === service.name && one.environment === environment.name,
      );
      cells.push({
        service: service.name,
        environment: environment.name,
        version: open?.control ?? `${(row % 5) + 1}.${(row * 3 + 7) % 10}.${Math.max(0, 4 - column)}`,
        since: text(now().subtract({ hours: 7 + row * 11 + column * 29 })),
        open:
          open === undefined ? null : { id: open.id, version: open.version, state: open.state, percent: open.percent },
      });
    }
  }
}

function addAudit({ now, audit }: World): void {
  const acts = [
    ["ana", "deployment.request", running, "accepted", null],
    ["bob", "approval.decide", running, "approved", "Load test and diff look fine."],
    ["system", "deployment.start", running, "done", null],
    ["system", "traffic.shift", running, "done", null],
    ["erin", "deployment.abort", idOf(0x1002), "accepted", "wrong feature flag"],
    ["mallory", "configuration.apply", "configuration", "refused", "The permission configuration.apply is missing."],
    ["carol", "deployment.request", waiting, "accepted", null],
    ["dave", "approval.decide", waiting, "approved", null],
  ] as const;
  for (let seq = 1; seq <= 24; seq += 1) {
    const [person, action, object, outcome, reason] = acts[seq % acts.length] ?? acts[0];
    audit.unshift({
      seq,
      id: `aud_${seq}`,
      at: text(now().subtract({ minutes: (24 - seq) * 13 })),
      person,
      account: person === "system" ? "tidegate" : `${person}@corp`,
      method: person === "system" ? "system" : "session",
      action,
      object,
      outcome,
      reason,
      verdict: null,
    });
  }
}

/** What happens to the deployment that fails, step by step; each call is one event. */
/** A canary without enough requests: holds its position, and a person is asked. */
export function holdAt(world: World, id: string, percent: number): void {
  const it = world.deployments.get(id);
  if (it === undefined) throw new Error(`the world has no deployment ${id}`);
  it.percent = percent;
  it.headline = `Holds at ${percent} %: not enough evidence after 120 s: 3 requests came where 10 are needed.`;
  tell(it, world.now(), { step: "wait", name: `hold at ${percent} %`, phase: "started", sentence: it.headline });
  it.actions = [
    ...it.actions.filter(({ name }) => !["go-on", "go-back"].includes(name)),
    { name: "go-on", allowed: true, because: "" },
    { name: "go-back", allowed: true, because: "" },
  ];
}

export function failingSteps(world: World): readonly (() => void)[] {
  const it = world.deployments.get(failing);
  if (it === undefined) throw new Error("the world has no failing deployment");
  const say = (percent: number, headline: string, line: Parameters<typeof tell>[2]) => () => {
    it.percent = percent;
    it.headline = headline;
    it.asOf = text(world.now());
    tell(it, world.now(), line);
  };
  return [
    say(5, "5 % of live traffic; watches until there is enough evidence.", {
      step: "shift-traffic",
      name: "shift to 5 %",
      sentence: "5 % of live traffic goes to 3.3.0.",
      percent: 5,
    }),
    say(5, "5 % of live traffic; not worse than 3.2.1.", {
      step: "observe",
      name: "watch 5 %",
      sentence: "Not worse than 3.2.1 after 90 requests.",
      percent: 5,
    }),
    say(25, "25 % of live traffic; watches until there is enough evidence.", {
      step: "shift-traffic",
      name: "shift to 25 %",
      sentence: "25 % of live traffic goes to 3.3.0.",
      percent: 25,
    }),
    say(25, "Worse than 3.2.1: goes back.", {
      step: "observe",
      name: "watch 25 %",
      phase: "failed",
      sentence: "Worse than 3.2.1: 6.0 % errors against 0.2 %.",
      percent: 25,
    }),
    say(0, "All traffic is back on 3.2.1; verifies it at the target.", {
      step: "roll-back",
      name: "roll back",
      sentence: "All traffic is back on 3.2.1.",
    }),
    () => {
      tell(it, world.now(), {
        step: "verify",
        name: "verify former version",
        sentence: "3.2.1 answers all requests at the target.",
      });
      it.state = "rolled-back";
      it.endedAt = text(world.now());
      it.headline = "3.3.0 answered 6.0 % of requests with errors at 25 %. 3.2.1 is verified live at the target.";
      it.verdict = allowed(world.now(), it.service, it.version, it.environment);
    },
  ];
}
