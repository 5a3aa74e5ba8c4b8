import { z } from "zod";
import { contractField, labelField, listField, nameField, versionRangeField } from "#config/fields.ts";
import { itemsOf, type Json, type JsonObject, member, type Path } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import type { FieldProblem } from "#config/problem.ts";
import { recoveryField, recoveryReferences, toRecovery } from "#config/recovery-field.ts";
import { referenceAt } from "#config/references.ts";
import { rolloutField, said } from "#config/rollout-fields.ts";
import { type Dependency, edgeKinds, type Service } from "#core/catalog/service.ts";

const edge = z.strictObject({
  service: nameField("Service that is depended on; with `kind: external` also a vendor.").optional(),
  vendor: nameField("Vendor that is depended on, instead of `service`; the kind is `external`.").optional(),
  kind: z.enum(edgeKinds).optional().meta({
    description:
      "What flows: a call, messages, data, shared infrastructure, or something external. `sync` when left out.",
  }),
  versions: versionRangeField.optional(),
});

export const service = defineKind({
  kind: "Service",
  summary: "Anything that is deployed and owned: an API, a web application, a database, a batch job, a legacy system.",
  example: `kind: Service
metadata: { name: checkout-api }
spec:
  unit: retail
  team: checkout
  tier: 1
  tags: [financial]
  dataClasses: [pii, financial]
  dependsOn: [{ service: pricing-svc, kind: sync, versions: ">=3.2" }]`,
  schema: z.strictObject({
    unit: nameField("Unit that answers for the service."),
    team: nameField("Team that owns the service."),
    tier: z.number().int().min(0).max(9).meta({ description: "How critical it is; 0 is the most critical." }),
    tags: listField(labelField, "Words that scopes can match."),
    dataClasses: listField(labelField, "Kinds of data that the service handles."),
    dependsOn: listField(edge, "What must be live, in a fitting version, for the service to work."),
    contract: contractField.optional(),
    rollout: rolloutField,
    recovery: recoveryField.optional(),
  }),
  references: (spec) => [
    ...referenceAt(spec, "unit", ["Unit"]),
    ...referenceAt(spec, "team", ["Team"]),
    ...recoveryReferences(spec),
    ...itemsOf(member(spec, "dependsOn")).flatMap((item, index) => edgeReferences(item, ["spec", "dependsOn", index])),
  ],
  check: (spec) => edgeProblems(spec),
  toDomain: (name, spec): Service => ({
    name,
    unit: spec.unit,
    team: spec.team,
    tier: spec.tier,
    tags: spec.tags ?? [],
    dataClasses: spec.dataClasses ?? [],
    dependsOn: (spec.dependsOn ?? []).map(toDependency),
    contract: spec.contract ?? null,
    ...(spec.rollout === undefined ? {} : { rollout: said(spec.rollout) }),
    ...(spec.recovery === undefined ? {} : { recovery: toRecovery(spec.recovery) }),
  }),
});

function toDependency(spec: z.output<typeof edge>): Dependency {
  return {
    on: spec.service ?? spec.vendor ?? "",
    kind: spec.kind ?? (spec.vendor === undefined ? "sync" : "external"),
    versions: spec.versions ?? null,
  };
}

function edgeReferences(item: Json, at: Path): readonly Reference[] {
  const onService = member(item, "service");
  const onVendor = member(item, "vendor");
  const to = member(item, "kind") === "external" ? ["Service", "Vendor"] : ["Service"];
  return [
    ...(typeof onService === "string" ? [{ at: [...at, "service"], name: onService, to }] : []),
    ...(typeof onVendor === "string" ? [{ at: [...at, "vendor"], name: onVendor, to: ["Vendor"] }] : []),
  ];
}

function edgeProblems(spec: JsonObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const seen = new Set<string>();
  for (const [index, item] of itemsOf(member(spec, "dependsOn")).entries()) {
    const at = ["spec", "dependsOn", index];
    const targets = [member(item, "service"), member(item, "vendor")].filter((name) => name !== undefined);
    const kind = member(item, "kind");
    if (targets.length !== 1) {
      const message = `The dependency names ${targets.length === 0 ? "neither a service nor a vendor" : "both a service and a vendor"}.`;
      problems.push({ at, code: "bad-edge", message, remedy: "Name one service or one vendor." });
    } else if (member(item, "vendor") !== undefined && kind !== undefined && kind !== "external") {
      const message = "A dependency on a vendor is external.";
      problems.push({
        at: [...at, "kind"],
        code: "bad-edge",
        message,
        remedy: "Write kind: external, or leave it out.",
      });
    }
    const edgeId = JSON.stringify([targets[0] ?? null, kind ?? "sync"]);
    if (targets.length === 1 && seen.has(edgeId)) {
      const message = "The same dependency stands twice in the list.";
      problems.push({ at, code: "bad-edge", message, remedy: "Keep one and give it both version ranges." });
    }
    seen.add(edgeId);
  }
  return problems;
}
