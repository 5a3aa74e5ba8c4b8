import { canonical } from "#core/audit/canonical.ts";
import { isInForce, matchesPolicy } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { DigestOf } from "#usecases/release/content.ts";

/** Randomness and hashing for tokens and leases; the same as for credentials. */
export interface GateSecrets {
  readonly make: () => string;
  readonly hash: (secret: string) => string;
  readonly equal: (a: string, b: string) => boolean;
}

/** `tgg_<id>_<secret>` for the token of a gate, `tgl_<id>_<secret>` for the lease that it was redeemed for. */
export function secretText(prefix: "tgg" | "tgl", id: string, secret: string): string {
  return `${prefix}_${id.slice(id.indexOf("_") + 1)}_${secret}`;
}

/** Id without its prefix, and secret; null for what no `secretText` is. */
export function readSecretText(
  prefix: "tgg" | "tgl",
  text: string,
): { readonly id: string; readonly secret: string } | null {
  const [, id, secret] = new RegExp(`^${prefix}_([0-9a-f]{32})_([0-9a-f]{64})$`).exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/**
 * The digest that a token binds to: everything that would run there, and what it was judged by (semantics §4). Rules
 * and policies of another version make another digest, and the token is void. Of the policies only those count that are in
 * force and match the subject: what a policy says about others decides nothing here.
 */
export function bindingOf(
  digestOf: DigestOf,
  contentDigest: string,
  facts: Pick<Facts, "at" | "subject" | "service" | "environment" | "policies" | "artifact">,
  verdict: Pick<Verdict, "findings" | "zoneData">,
): string {
  const { subject, artifact } = facts;
  return digestOf({
    contentDigest,
    artifact: artifact === null || artifact === "assumed" ? null : artifact.digest,
    service: subject.service,
    version: subject.version,
    environment: subject.environment,
    action: subject.action,
    class: subject.class,
    policies: policiesOf(facts)
      .map(({ name, version }) => canonical([name, version]))
      .toSorted(),
    rules: verdict.findings.map(({ rule, ruleVersion }) => `${rule} ${ruleVersion}`).toSorted(),
    zoneData: verdict.zoneData,
  });
}

/** All of them where nobody knows what the subject is: then any of them may be about it. */
function policiesOf(facts: Pick<Facts, "at" | "subject" | "service" | "environment" | "policies">): Facts["policies"] {
  const scope = subjectScope(facts);
  if (scope === null) return facts.policies;
  return facts.policies.filter((policy) => isInForce(policy, facts.at) && matchesPolicy(policy, scope));
}
