import { createRequire } from "node:module";
import type * as Cedar from "@cedar-policy/cedar-wasm/nodejs";

/** As many as in the measurement that quality-goals.md §7 quotes. */
export const cedarPolicies = 201;

/** Cedar's own answer to a question about a service in an environment: yes or no, by policies that were read before. */
export type AskCedar = (service: number, environment: string) => boolean;

/**
 * Cedar in WebAssembly with one policy for everybody and 200 that forbid one environment of some tier to a team, as far
 * as such a language can say it: no calendar, no inventory, no instant at which it will be allowed.
 */
export function askCedar(): AskCedar {
  const cedar: typeof Cedar = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs");
  const forbids = Array.from(
    { length: cedarPolicies - 1 },
    (_, n) =>
      `forbid(principal, action == Action::"deploy", resource == Environment::"prod-${n % 6}")
when { context.team == "team-${n * 10}" && context.tier < ${n % 4} };`,
  );
  const text = ['permit(principal, action == Action::"deploy", resource);', ...forbids].join("\n");
  const parsed = cedar.preparsePolicySet("bench", { staticPolicies: text });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
  return (service, environment) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: "Service", id: `service-${service}` },
      action: { type: "Action", id: "deploy" },
      resource: { type: "Environment", id: environment },
      context: { team: `team-${service % 2_000}`, tier: service % 4 },
      preparsedPolicySetId: "bench",
      entities: [],
    });
    if (answer.type !== "success") throw new Error(JSON.stringify(answer));
    return answer.response.decision === "allow";
  };
}
