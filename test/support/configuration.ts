import type { Document } from "#config/document.ts";
import { parseSources } from "#config/source.ts";

/** Documents from YAML; the test fails on whatever cannot be read. */
export function documentsOf(text: string): readonly Document[] {
  const { documents, problems } = parseSources([{ path: "test.yaml", text }]);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  return documents;
}

const header = "apiVersion: tidegate.dev/v1\n";

/** One unit with two services, an environment with a window, three persons and a route. */
export const shop: readonly Document[] = documentsOf(
  [
    `kind: Unit
metadata: { name: retail }
spec: {}`,
    `kind: Team
metadata: { name: checkout }
spec: { unit: retail }`,
    ...["alice", "bob", "carol"].map(
      (name) => `kind: Person
metadata: { name: ${name} }
spec:
  teams: [checkout]
  roles: [developer, approver]
  accounts: [{ name: ${name}@example.org, kind: human }, { name: ${name}-bot, kind: bot }]`,
    ),
    ...["checkout-api", "pricing-svc"].map(
      (name) => `kind: Service
metadata: { name: ${name} }
spec: { unit: retail, team: checkout, tier: 1 }`,
    ),
    `kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, protected: true, windows: optional }`,
    `kind: Window
metadata: { name: prod-days }
spec:
  scope: { environments: ["prod"] }
  zone: Europe/Berlin
  start: 2026-01-05T08:00
  rrule: FREQ=DAILY
  end: "18:00"`,
    `kind: Window
metadata: { name: staging-nights }
spec:
  scope: { environments: ["prod-*", "prod"], services: ["pricing-*"] }
  zone: Europe/Berlin
  start: 2026-01-05T22:00
  rrule: FREQ=DAILY
  end: "23:00"`,
    `kind: ApprovalRoute
metadata: { name: prod }
spec: { scope: { environments: ["prod"] }, approvals: 1, roles: [approver] }`,
  ]
    .map((text) => header + text)
    .join("\n---\n"),
);
