import type { Judgement } from "#core/policy/finding.ts";
import { defineRule, pass, refuse } from "#core/policy/rule.ts";
import { sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";

/** A name that nobody knows is refused with the nearest names: most of them are slips of the pen. */
export const artifactKnown = defineRule({
  id: "artifact-known",
  version: "2",
  title: "The service, the environment and the artifact are known",
  reason:
    "What is not registered has no digest, no owner and no evidence; nothing else that is said about it could be relied on.",
  remedy: "Register the artifact, or correct the name.",
  codes: ["artifact-registered", "artifact-assumed", "artifact-unknown", "unknown-service", "unknown-environment"],
  needs: ["service", "environment", "artifact", "nearest"],
  judge({ at, subject, service, environment, artifact, nearest }) {
    const { service: name, version } = subject;
    if (service === null) return always(at, unknownName("service", name, nearest.services));
    if (environment === null) {
      return always(at, unknownName("environment", subject.environment, nearest.environments));
    }
    if (artifact === "assumed") {
      return always(
        at,
        pass("artifact-assumed", `${name}@${version} is taken as known: no artifacts are listed here.`),
      );
    }
    if (artifact === null) return always(at, notRegistered(name, version, service.team));
    const sentence = `${name}@${version} is registered as ${artifact.digest}.`;
    const evidence = [{ kind: "artifact", ref: artifact.digest, text: `${name}@${version}` }];
    return always(at, pass("artifact-registered", sentence, evidence));
  },
});

function unknownName(kind: "service" | "environment", name: string, nearest: readonly string[]): Judgement {
  const hint = nearest.length === 0 ? "" : `; did you mean ${sayList(nearest, "or")}?`;
  const sentence = `There is no ${kind} ${name}${hint === "" ? "." : hint}`;
  const what =
    nearest.length === 0 ? `Declare the ${kind} ${name} in the configuration.` : `Ask for ${sayList(nearest, "or")}.`;
  return refuse("deny", `unknown-${kind}`, sentence, [{ kind: "change", who: "requester", what }]);
}

function notRegistered(name: string, version: string, team: string): Judgement {
  const what = `Register ${name}@${version} with its digest: tidegate artifact register ${name}@${version} --digest sha256:…`;
  return refuse("deny", "artifact-unknown", `${name}@${version} is not registered.`, [
    { kind: "register", who: `team ${team}`, what },
  ]);
}
