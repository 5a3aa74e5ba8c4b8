import { z } from "zod";
import { durationField, listField, nameField } from "#config/fields.ts";
import { itemsOf, type JsonObject, member } from "#config/json.ts";
import { defineKind } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referencesIn } from "#config/references.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { readDuration } from "#config/time.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import { roles } from "#core/catalog/people.ts";

export const approvalRoute = defineKind({
  kind: "ApprovalRoute",
  summary:
    "Who must consent to what the scope matches. The matching route with the highest priority applies; among equals the one whose name comes first. Being named by the route is what lets somebody approve, in any role but viewer, auditor and administrator; an auditor never approves, whatever else they are. A route that names no actions asks nothing of `roll-back`.",
  example: `kind: ApprovalRoute
metadata: { name: prod-financial }
spec:
  scope: { environments: ["prod-*"], tags: [financial] }
  priority: 20
  approvals: 2
  roles: [approver]
  validFor: P7D`,
  schema: z.strictObject({
    scope: scopeField,
    priority: z.number().int().min(-1000).max(1000).optional().meta({ description: "Highest first; 0 when left out." }),
    approvals: z.number().int().min(0).max(20).meta({
      description: "Different persons needed, never the requester or the author. 0: automatic.",
    }),
    roles: listField(z.enum(roles), "Holders of one of these roles may approve."),
    teams: listField(nameField("Name of a team."), "Members of one of these teams may approve."),
    validFor: durationField("Age after which an approval no longer counts; unlimited when left out.").optional(),
  }),
  references: (spec) => referencesIn(spec, "teams", ["Team"]),
  check: nobodyMayApprove,
  whyMandatory: { scope: "Say what the route is about; scope: {} is everything." },
  toDomain: (name, spec): ApprovalRoute => ({
    name,
    scope: toScope(spec.scope),
    priority: spec.priority ?? 0,
    approvals: spec.approvals,
    roles: spec.roles ?? [],
    teams: spec.teams ?? [],
    validFor: spec.validFor === undefined ? null : checked(readDuration(spec.validFor)),
  }),
});

function nobodyMayApprove(spec: JsonObject): readonly FieldProblem[] {
  const approvals = member(spec, "approvals");
  const entitled = [...itemsOf(member(spec, "roles")), ...itemsOf(member(spec, "teams"))];
  if (typeof approvals !== "number" || approvals <= 0 || entitled.length > 0) return [];
  const message = "The route asks for approvals, but names neither roles nor teams that may give them.";
  return [{ at: ["spec", "approvals"], code: "no-approver", message, remedy: "Add roles: [approver], or teams." }];
}
