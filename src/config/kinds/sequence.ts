import { z } from "zod";
import { durationField, listField, nameField, textField, versionRangeField } from "#config/fields.ts";
import { itemsOf, type Json, type JsonObject, member } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referenceAt } from "#config/references.ts";
import { globsField } from "#config/scope-field.ts";
import { readDuration } from "#config/time.ts";
import { maxReleases, type Sequence } from "#core/release/sequence.ts";

const release = z.strictObject({
  name: nameField("What the release is called in this sequence; the service when left out.").optional(),
  service: nameField("Service that is released."),
  versions: versionRangeField.optional(),
  after: listField(nameField("Name of a release of this sequence."), "What goes before it."),
  soak: durationField("For so long it is live before what comes after it may begin; no time when left out.").optional(),
});

export const sequence = defineKind({
  kind: "Sequence",
  summary:
    "The order of releases of several services that only work in one order. Whatever comes later waits, in each environment by itself, until what goes before it is live and has stabilised; what comes back upstream holds the rest. Dependencies say what a service needs in any version; a sequence says which release comes before which.",
  example: `kind: Sequence
metadata: { name: new-ledger }
spec:
  owner: payments
  environments: ["prod-*"]
  releases:
    - { name: ledger, service: ledger-core, versions: ">=4.2.0 <5", soak: PT24H }
    - { name: pricing, service: pricing-svc, versions: ">=3.3.0", after: [ledger], soak: PT2H }
    - { name: checkout, service: checkout-api, versions: ">=5.1.0", after: [pricing] }`,
  schema: z.strictObject({
    owner: nameField("Person or team that answers for the order."),
    summary: textField("What it is for, in one sentence.").optional(),
    environments: globsField("Environments where the order holds, in each of them by itself."),
    releases: z
      .array(release)
      .min(2)
      .max(maxReleases)
      .meta({ description: "In any order; `after` says what follows what." }),
  }),
  references: (spec) => [
    ...referenceAt(spec, "owner", ["Team", "Person"]),
    ...itemsOf(member(spec, "releases")).flatMap((item, place): readonly Reference[] => {
      const name = member(item, "service");
      return typeof name === "string" ? [{ at: ["spec", "releases", place, "service"], name, to: ["Service"] }] : [];
    }),
  ],
  check: (spec) => [...repeatedNames(spec), ...unknownNames(spec)],
  toDomain: (name, spec): Sequence => ({
    name,
    owner: spec.owner,
    environments: spec.environments,
    releases: spec.releases.map((one) => ({
      name: one.name ?? one.service,
      service: one.service,
      versions: one.versions ?? null,
      after: one.after ?? [],
      soak: one.soak === undefined ? new Temporal.Duration() : checked(readDuration(one.soak)),
    })),
  }),
});

/** The name by which others of the sequence follow it; null: it has none that can be read. */
export function releaseName(item: Json): string | null {
  const name = member(item, "name") ?? member(item, "service");
  return typeof name === "string" ? name : null;
}

function repeatedNames(spec: JsonObject): readonly FieldProblem[] {
  const seen = new Set<string>();
  return itemsOf(member(spec, "releases")).flatMap((item, place): readonly FieldProblem[] => {
    const name = releaseName(item);
    if (name === null) return [];
    const isRepeated = seen.has(name);
    seen.add(name);
    if (!isRepeated) return [];
    const message = `Two releases of the sequence are called ${name}.`;
    const remedy = "Give each a name of its own.";
    return [{ at: ["spec", "releases", place], code: "contradiction", message, remedy }];
  });
}

function unknownNames(spec: JsonObject): readonly FieldProblem[] {
  const releases = itemsOf(member(spec, "releases"));
  const known = new Set(releases.map(releaseName));
  return releases.flatMap((item, place) =>
    itemsOf(member(item, "after")).flatMap((name, index): readonly FieldProblem[] => {
      if (typeof name !== "string" || known.has(name)) return [];
      const message = `No release of the sequence is called ${name}.`;
      const remedy = `Name one of ${[...known].join(", ")}.`;
      return [{ at: ["spec", "releases", place, "after", index], code: "unknown-reference", message, remedy }];
    }),
  );
}
