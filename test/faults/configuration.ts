import type { FakeProgram } from "#connectors/fake/deployer.ts";

/** Accounts of the organisation below; `bootstrap` exists before it only. */
export const accounts = ["bootstrap", "olga", "pia", "adam", "kemal"] as const;
export type Account = (typeof accounts)[number];

/** Each is a lock of its own, so that as many releases go at the same time. */
export const environments = ["e1", "e2", "e3", "e4", "watched"] as const;
export type Environment = (typeof environments)[number];
export const services = ["cart", "mail", "ads", "tax"] as const;
export type Service = (typeof services)[number];
export const versions = ["1.0.0", "1.1.0"] as const;

export const programs: readonly FakeProgram[] = services.flatMap((service, at) =>
  versions.map((version, nth) => ({ service, version, digest: `sha256:${String(at * 2 + nth).padStart(64, "a")}` })),
);

const header = "apiVersion: tidegate.dev/v1\n";

function named(kind: string, name: string, spec: string): string {
  return `${header}kind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

function person(name: string, roles: string): string {
  const own = `[{ name: ${name}, kind: human }, { name: ${name}-ci, kind: bot }]`;
  return named("Person", name, `{ teams: [crew], roles: [${roles}], accounts: ${own} }`);
}

const back = `
  rollback: [{ name: look, timeout: PT1H, record: "Look." }]`;

/** Runbooks whose calls go to a system that counts them. */
function runbooks(url: string): readonly string[] {
  const call = (name: string, more = ""): string =>
    `    - { name: ${name}, timeout: PT5M, http: { url: "${url}/${name}" }, undo: { http: { url: "${url}/un${name}" } }${more} }`;
  const runbook = (name: string, steps: readonly string[]): string =>
    named("Runbook", name, `\n  owner: crew\n  within: PT12H\n  steps:\n${steps.join("\n")}${back}`);
  return [
    runbook("one-call", [call("drain")]),
    runbook("two-calls", [call("drain"), call("fill", ", after: [drain]")]),
    runbook("shared", [call("drain", ", uses: [{ resource: bay }]")]),
    runbook("asked", [
      call("drain"),
      `    - { name: sign, after: [drain], timeout: PT2H, humanTask: { who: pia, instruction: Sign. } }`,
    ]),
    runbook("released", [
      `    - { name: mail, timeout: PT1H, subRelease: { service: mail, version: 1.1.0, environment: e4 }, undo: { rollBack: { step: mail } } }`,
    ]),
  ];
}

/** Nobody approves and no window closes: what stands still does so because of a fault. */
export function configuration(url: string): string {
  return [
    named("Unit", "shop", "{}"),
    named("Team", "crew", "{ unit: shop }"),
    person("olga", "operator, release-manager"),
    person("pia", "operator, release-manager"),
    person("adam", "administrator"),
    person("kemal", "auditor"),
    ...services.map((service) => named("Service", service, "{ unit: shop, team: crew, tier: 3 }")),
    ...environments.map((environment) => named("Environment", environment, "{ zone: UTC, windows: optional }")),
    named("ApprovalRoute", "nobody", "{ scope: {}, approvals: 0 }"),
    named(
      "Strategy",
      "at-once",
      "{ scope: {}, stages: [{ percent: 100, minSeconds: 0, maxSeconds: 3600, minRequests: 0 }] }",
    ),
    named(
      "Strategy",
      "watched",
      "{ scope: { environments: [watched] }, priority: 10, stages: [{ percent: 50, minSeconds: 2, maxSeconds: 3600, minRequests: 20 }, { percent: 100, minSeconds: 1, maxSeconds: 3600, minRequests: 20 }] }",
    ),
    named("Resource", "bay", "{ owner: crew, capacity: 1 }"),
    ...runbooks(url),
  ].join("---\n");
}
