import { z } from "zod";
import { documentDigest } from "#config/document.ts";
import { durationField, listField, nameField, textField } from "#config/fields.ts";
import { itemsOf, type JsonObject, member } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referenceAt } from "#config/references.ts";
import { readDuration } from "#config/time.ts";
import { sha256 } from "#core/audit/sha256.ts";
import { roles } from "#core/catalog/people.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { waveLimits, type WavePlan } from "#core/waves/wave-plan.ts";

const defaults = { soakSeconds: 1800, targetSeconds: 1800 } as const;

export const wavePlan = defineKind({
  kind: "WavePlan",
  summary:
    "How a service goes round the world: region after region, each target in its own window, in waves that grow. Between two waves the version soaks, and old and new run beside each other for no longer than you allow. Its runs are runs of a plan like those of a runbook.",
  example: `kind: WavePlan
metadata: { name: checkout-world }
spec:
  owner: payments
  service: checkout-api
  regions:
    - { name: emea, environments: [prod-emea] }
    - { name: apac, environments: [prod-apac] }
  growth: [1, 3]
  soak: PT30M
  mixLimit: PT24H`,
  schema: z.strictObject({
    owner: nameField("Person or team that answers for it."),
    summary: textField("What it is for, in one sentence.").optional(),
    overseer: nameField("Person, team or role that has to be present while something changes.").optional(),
    service: nameField("The service that goes."),
    regions: z
      .array(
        z.strictObject({
          name: nameField("For people; a wave never reaches into two."),
          environments: z
            .array(nameField("Environment."))
            .min(1)
            .max(waveLimits.targets)
            .meta({ description: "In the order in which they go." }),
        }),
      )
      .min(1)
      .max(waveLimits.regions)
      .meta({ description: "In the order in which they go." }),
    growth: listField(
      z.number().int().min(1).max(waveLimits.targets),
      "Targets of the first waves; what is left of a region goes together. When left out: 1, 3 at high risk, else 3.",
    ),
    soak: durationField("Behind every target, before the next wave begins; 30 minutes when left out.").optional(),
    health: z.enum(["reported", "own-checks"]).optional().meta({
      description:
        "`reported`: the soak counts only while signals say that the service is well there; what nobody reports is no health. `own-checks`: each deployment judges itself, and the soak is time. `reported` when left out.",
    }),
    mixLimit: durationField(
      "From the first change to the last at most: for so long old and new may run beside each other. No limit when left out.",
    ).optional(),
    takes: durationField("How long a target takes where no run is known yet; 30 minutes when left out.").optional(),
    whenFailed: z.enum(["take-back", "stay"]).optional().meta({
      description:
        "`take-back`: a failure takes back what went before. `stay`: that stays, and the owner is asked to decide. `take-back` when left out.",
    }),
  }),
  references: (spec) => [
    ...referenceAt(spec, "owner", ["Team", "Person"]),
    ...referenceAt(spec, "service", ["Service"]),
    ...(roles.some((role) => role === member(spec, "overseer"))
      ? []
      : referenceAt(spec, "overseer", ["Team", "Person"])),
    ...itemsOf(member(spec, "regions")).flatMap((region, place) =>
      itemsOf(member(region, "environments")).flatMap((name, index): readonly Reference[] =>
        typeof name === "string"
          ? [{ at: ["spec", "regions", place, "environments", index], name, to: ["Environment"] }]
          : [],
      ),
    ),
  ],
  check: repeatedTargets,
  toDomain: (name, spec, document): WavePlan => ({
    name,
    version: documentDigest(document, sha256),
    owner: spec.owner,
    summary: spec.summary ?? "",
    overseer: spec.overseer ?? null,
    service: spec.service,
    regions: spec.regions,
    growth: spec.growth ?? null,
    soak: {
      seconds: spec.soak === undefined ? defaults.soakSeconds : secondsOf(spec.soak),
      isReported: spec.health !== "own-checks",
    },
    mixLimitSeconds: spec.mixLimit === undefined ? null : secondsOf(spec.mixLimit),
    targetSeconds: spec.takes === undefined ? defaults.targetSeconds : secondsOf(spec.takes),
    whenFailed: spec.whenFailed ?? "take-back",
  }),
});

function secondsOf(duration: string): number {
  return Math.ceil(elapsedMs(checked(readDuration(duration))) / 1000);
}

function repeatedTargets(spec: JsonObject): readonly FieldProblem[] {
  const found: FieldProblem[] = [];
  const seen = new Set<string>();
  for (const [place, region] of itemsOf(member(spec, "regions")).entries()) {
    for (const [index, name] of itemsOf(member(region, "environments")).entries()) {
      if (typeof name !== "string") continue;
      const at = ["spec", "regions", place, "environments", index];
      if (seen.has(name)) {
        const message = `${name} is a target twice.`;
        found.push({ at, code: "contradiction", message, remedy: "Name each environment once." });
      }
      seen.add(name);
    }
  }
  if (seen.size > waveLimits.targets) {
    const message = `There are ${seen.size} targets, ${waveLimits.targets} at most.`;
    found.push({ at: ["spec", "regions"], code: "out-of-range", message, remedy: "Make two plans of it." });
  }
  return found;
}
