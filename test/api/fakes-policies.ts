import type { Problem } from "#config/problem.ts";
import { summarise } from "#core/policy/backtest-summary.ts";
import { err, ok } from "#core/result.ts";
import type { PolicyLine, PolicyOperations } from "#usecases/policy/policy-operations.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const version = `sha256:${"a".repeat(64)}`;

export const fakePolicyName = "quality-bar";

const line: PolicyLine = {
  name: fakePolicyName,
  version,
  appliedAt: at,
  appliedBy: "alice",
  policy: null,
  unreadable: "It cannot be read.",
  isInForce: true,
  services: ["cart"],
  rules: ["evidence-fresh"],
};

const problem: Problem = {
  severity: "error",
  path: "broken.yaml",
  line: 7,
  column: 3,
  code: "overlay-loosens",
  message: "It is looser.",
  remedy: "Remove it.",
  excerpt: "",
  document: "Policy/quality-bar",
};

/** One policy, and a back-test that finds nothing to judge. */
export function fakePolicies(): PolicyOperations {
  return {
    list: async () => [line],
    show: async (name) =>
      name === fakePolicyName
        ? ok({
            ...line,
            text: "kind: Policy\n",
            place: "policies.yaml:1",
            versions: [{ version, from: at, to: null, appliedBy: "alice", place: "policies.yaml:1" }],
          })
        : err("no-such-policy"),
    cases: async () => ({
      items: [
        {
          name: "coverage-under-the-bar",
          description: null,
          place: "policies.yaml:12",
          appliedAt: at,
          appliedBy: "alice",
          question: {
            subject: {
              service: "cart",
              version: "1.1.0",
              environment: "prod-emea",
              action: "deploy",
              class: "normal",
              invoker: "person",
              requestedBy: null,
              contentDigest: null,
              onBehalfOf: null,
            },
            at,
          },
          failures: ["verdict: expected deny, got allow: nothing is in the way"],
          verdict: "allow",
          policies: [fakePolicyName],
        },
      ],
      left: 0,
    }),
    backTest: async ({ files: [file] }) => {
      if (file?.path === "busy.yaml") return err("yours");
      if (file?.path === "full.yaml") return err("full");
      if (file?.path === "heavy.yaml") return err("too-heavy");
      if (file?.path === "broken.yaml") return err({ code: "invalid-configuration", problems: [problem] });
      return ok({
        draft: [{ kind: "Policy", name: fakePolicyName, change: "changed" }],
        ignored: [],
        total: 0,
        judged: 0,
        deployments: 0,
        replay: { comparable: 0, reproduced: 0, different: [], olderRules: 0, olderZoneData: 0, unreadable: [] },
        changes: [],
        summary: summarise([], 0),
        next: null,
      });
    },
  };
}
