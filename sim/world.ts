import type { Pool } from "pg";
import { fakeDeployer, type FakeDeployer } from "#connectors/fake/deployer.ts";
import { parseSources } from "#config/source.ts";
import { applyDocuments } from "#store/configuration.ts";
import { migrate } from "#store/migrate.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { recordsOf } from "#store/records.ts";
import { transaction } from "#store/sql.ts";
import { makeAdoptLive } from "#usecases/release/adopt-live.ts";
import { engineSchema } from "./engine.ts";

/** What every seed begins with: an organisation, its targets and a Monday in November. */
export const firstInstant = Temporal.Instant.from("2026-11-02T12:00:00Z");

export const services = ["checkout-api", "pricing-svc"] as const;
export const environments = ["stage", "prod"] as const;
export const versions = ["1.0.0", "1.1.0", "1.2.0"] as const;
export const runbooks = ["talk", "calls", "migrate", "hurry", "ship", "careful", "canary"] as const;
/** Runbooks whose steps go one after the other, so that what is undone is undone from the end. */
export const chains: Readonly<Record<string, readonly string[]>> = {
  canary: ["schema", "start", "check", "half", "watch", "all", "drain"],
};
export const developers = ["alice", "bob", "carol"] as const;
export const operators = ["olga", "otto"] as const;

/** Where the calls of steps go. */
const calledSystem = "https://ops.example/";
export const hookSource = { name: "pipeline", account: "alice-bot", secret: "the-secret-of-the-pipeline" };

const person = (name: string, roles: string): string => `kind: Person
metadata: { name: ${name} }
spec:
  teams: [checkout]
  roles: [${roles}]
  accounts: [{ name: ${name}@example.org, kind: human }, { name: ${name}-bot, kind: bot }]`;

const runbook = (name: string, spec: string): string => `kind: Runbook
metadata: { name: ${name} }
spec:
  owner: checkout
${spec}
  rollback:
    - { name: tell, http: { url: "${calledSystem}tell" }, timeout: PT10M, attempts: 4 }
    - { name: look, after: [tell], timeout: PT2H, humanTask: { who: checkout, instruction: Look whether it is as before. } }`;

const call = (name: string, more: string): string =>
  `    - { name: ${name}, timeout: PT20M, attempts: 4, ${more}, http: { url: "${calledSystem}${name}" }, undo: { http: { url: "${calledSystem}undo-${name}" } } }`;

const basics: readonly string[] = [
  `kind: Unit
metadata: { name: retail }
spec: {}`,
  `kind: Team
metadata: { name: checkout }
spec: { unit: retail }`,
  ...developers.map((name) => person(name, "developer, approver")),
  ...operators.map((name) => person(name, "operator, release-manager")),
  person("ada", "administrator"),
  ...services.map(
    (name) => `kind: Service
metadata: { name: ${name} }
spec: { unit: retail, team: checkout, tier: 1 }`,
  ),
  `kind: Environment
metadata: { name: stage }
spec: { zone: Europe/Berlin, windows: optional }`,
  `kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, protected: true, windows: optional }`,
  `kind: Window
metadata: { name: prod-days }
spec:
  scope: { environments: [prod] }
  zone: Europe/Berlin
  start: 2026-01-05T08:00
  rrule: FREQ=DAILY
  end: "18:00"`,
  `kind: ApprovalRoute
metadata: { name: prod }
spec: { scope: { environments: [prod] }, approvals: 1, roles: [approver] }`,
  `kind: Strategy
metadata: { name: brisk }
spec:
  scope: {}
  stages:
    - { percent: 50, minSeconds: 20, maxSeconds: 120, minRequests: 50 }
    - { percent: 100, minSeconds: 10, maxSeconds: 120, minRequests: 0 }`,
  runbook(
    "talk",
    `  within: P2D
  steps:
    - { name: sign, timeout: PT6H, humanTask: { who: checkout, instruction: Sign., form: [{ name: balance, type: number, label: Balance }] } }
    - { name: settle, after: [sign], timeout: PT2H, soak: PT30M }
    - { name: thank, after: [settle], record: It is over. }`,
  ),
  runbook(
    "calls",
    `  within: P1D
  parallel: 2
  steps:
${call("a", "uses: [{ resource: cluster }]")}
${call("b", "uses: [{ resource: cluster }, { resource: orders-db }]")}
${call("c", "after: [a, b]")}
    - { name: soak, after: [a], timeout: PT2H, soak: PT10M }`,
  ),
  runbook(
    "migrate",
    `  within: P1D
  steps:
${call("freeze-writes", "uses: [{ resource: orders-db }]")}
${call("copy", "after: [freeze-writes], uses: [{ resource: orders-db }]")}
    - { name: verify, after: [copy], timeout: PT3H, humanTask: { who: checkout, instruction: Compare., whenLate: skipped } }`,
  ),
  runbook(
    "hurry",
    `  within: PT4H
  steps:
    - { name: watch, timeout: PT20M, soak: PT15M }
${call("push", "uses: [{ resource: orders-db }]")}
    - { name: confirm, after: [push], timeout: PT1H, humanTask: { who: checkout, instruction: Confirm. } }`,
  ),
  runbook(
    "ship",
    `  within: P4D
  steps:
    - { name: pricing, timeout: PT12H, subRelease: { service: pricing-svc, version: 1.1.0, environment: stage }, undo: { rollBack: { step: pricing } } }
${call("announce", "after: [pricing]")}`,
  ),
];

/** Runbooks that ask before they act, and one that acts at targets. */
function guarded(): readonly string[] {
  const place = "service: checkout-api, environment: stage";
  const next = `${place}, version: 1.2.0`;
  return [
    runbook(
      "careful",
      `  within: P14D
  steps:
    - { name: thank, notify: { to: [checkout], text: It begins. } }
    - { name: keep, after: [thank], timeout: PT20H, lock: { environments: [prod] } }
    - { name: consent, after: [keep], timeout: PT20H, approve: { roles: [approver], instruction: Look at it. } }
${call("touch", "after: [consent]")}
    - { name: window, after: [touch], timeout: PT20H, waitForWindow: { environment: stage, services: [{ service: pricing-svc }], action: restart, needs: PT1H } }
    - { name: well, after: [window], timeout: PT20H, stayHealthy: { service: checkout-api, version: 1.0.0, environment: prod, for: PT10M } }
    - { name: list, after: [well], timeout: PT20H, preflight: { targets: [{ service: pricing-svc, environment: stage }], who: checkout, items: [{ name: backup, ask: Is there a backup? }] } }`,
    ),
    runbook(
      "canary",
      `  within: P14D
  steps:
    - { name: schema, timeout: PT20H, attempts: 3, migrateSchema: { ${next}, database: shop } }
    - { name: start, after: [schema], timeout: PT20H, attempts: 3, startVersion: { ${next} } }
    - { name: check, after: [start], timeout: PT20H, attempts: 3, smoke: { ${next} } }
    - { name: half, after: [check], timeout: PT20H, attempts: 3, shiftTraffic: { ${next}, percent: 50 } }
    - { name: watch, after: [half], timeout: PT20H, attempts: 3, observe: { ${next}, for: PT20S, atMost: PT120S, requests: 20 } }
    - { name: all, after: [watch], timeout: PT20H, attempts: 3, shiftTraffic: { ${next}, percent: 100 } }
    - { name: drain, after: [all], timeout: PT20H, attempts: 3, shell: { ${place}, command: drain }, irreversible: It is drained. }`,
    ),
  ];
}

/** A configuration as people write it; `changes` are laid over the basics. */
export function configurationText(changes: {
  readonly frozen: boolean;
  readonly cluster: 1 | 2;
  readonly calls: 1 | 2;
}): string {
  const resources = [
    `kind: Resource
metadata: { name: orders-db }
spec: { owner: checkout, capacity: 1 }`,
    `kind: Resource
metadata: { name: cluster }
spec: { owner: checkout, capacity: ${changes.cluster} }`,
  ];
  const freeze = `kind: Freeze
metadata: { name: stop-stage }
spec:
  scope: { environments: [stage] }
  strength: hard
  zone: Europe/Berlin
  start: 2026-11-01T00:00
  end: 2026-12-01T00:00
  owner: checkout
  reason: The shop is full of people.`;
  const all = [...basics, ...guarded(), ...resources, ...(changes.frozen ? [freeze] : [])];
  const text = all.map((each) => `apiVersion: tidegate.dev/v1\n${each}`).join("\n---\n");
  return changes.calls === 2 ? text.replace("parallel: 2", "parallel: 1") : text;
}

export const usual = { frozen: false, cluster: 2, calls: 1 } as const;

export function digestOfVersion(service: string, version: string): string {
  const digits = `${services.findIndex((name) => name === service) + 1}${version.replaceAll(".", "")}`;
  return `sha256:${digits.padEnd(64, "0")}`;
}

/** The fleet: every version can be started, the first one is live everywhere. */
export function fleet(now: () => Temporal.Instant, pause: (ms: number) => Promise<void>): FakeDeployer {
  const targets = services.flatMap((service) => environments.map((environment) => ({ service, environment })));
  return fakeDeployer({
    now,
    pause,
    programs: services.flatMap((service) =>
      versions.map((version) => ({ service, version, digest: digestOfVersion(service, version) })),
    ),
    live: targets.map((target) => ({ ...target, version: "1.0.0" })),
  });
}

/** The database with which every seed begins. */
export async function fillTemplate(pool: Pool): Promise<void> {
  const migrated = await migrate(pool);
  if (!migrated.ok) throw new Error(migrated.error.message);
  await pool.query(engineSchema);
  await pool.query(clockSchema);
  const { documents, problems } = parseSources([{ path: "world.yaml", text: configurationText(usual) }]);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  await transaction(pool, (client) => applyDocuments(client, { documents, at: firstInstant, by: "ada" }));
  const hooks = { organisations: createOrganisationCache() };
  const transact = <T>(body: (records: ReturnType<typeof recordsOf>) => Promise<T>): Promise<T> =>
    transaction(pool, (client) => body(recordsOf(client, hooks)));
  for (const service of services) {
    for (const version of versions) {
      const digest = digestOfVersion(service, version);
      await transact((records) =>
        records.artifacts.register({ service, version, digest, author: null, registeredAt: firstInstant }),
      );
    }
  }
  const adopt = makeAdoptLive({
    now: () => firstInstant,
    transact,
    deployer: fleet(
      () => firstInstant,
      () => Promise.resolve(),
    ),
    unseen: async () => services.flatMap((service) => environments.map((environment) => ({ service, environment }))),
  });
  await adopt();
  await pool.query(
    `insert into callback_endpoint (id, name, url, secret, created_by, created_at)
     values ('cbk_1', 'ops', $1, 'whsec_b3Bz', 'olga', $2)`,
    [calledSystem, firstInstant.toString()],
  );
  await pool.query(
    `insert into hook_source (name, scheme, secret, account, services, environments, created_by, created_at)
     values ($1, 'jenkins', $2, $3, '{}', '{}', 'alice', $4)`,
    [hookSource.name, hookSource.secret, hookSource.account, firstInstant.toString()],
  );
}

/** The clock of the database is set with that of the processes: statements of the product that ask for now() get it. */
const clockSchema = `
  create schema simulated;
  create table simulated.clock (at timestamptz not null);
  insert into simulated.clock values ('${firstInstant.toString()}');
  create function simulated.now() returns timestamptz language sql stable as 'select at from simulated.clock';`;
