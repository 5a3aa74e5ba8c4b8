import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { documentDigest } from "#config/document.ts";
import { defineKind } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import { momentField, readMoment } from "#config/moment.ts";
import { policyProblems } from "#config/policy-problems.ts";
import { boundsField, settingsField, toSettings } from "#config/policy-settings.ts";
import { referenceAt } from "#config/references.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { sha256 } from "#core/audit/sha256.ts";
import type { Policy } from "#core/policy/policy.ts";

export const policy = defineKind({
  kind: "Policy",
  summary:
    "What is demanded beyond windows, freezes and approvals. Of each setting the strictest counts, over all policies that match and are in force. A central policy is mandatory for all it matches; an overlay tightens for the services of its own team, and moves only numbers that the centre bounds.",
  example: `kind: Policy
metadata: { name: quality-bar }
spec:
  level: central
  owner: platform
  scope: { environments: ["prod-*"] }
  from: 2026-04-01T00:00[Europe/Berlin]
  settings:
    evidence:
      - { kind: unit-tests, maxAge: P7D }
      - { kind: coverage, min: 80 }
    verification: { maxAge: PT24H }
    emergency: { approvals: 2, validFor: PT4H, reviewWithin: P5D, backMergeWithin: P2D }
  bounds:
    - { setting: evidence.coverage.min, least: 70, most: 95 }`,
  schema: z.strictObject({
    level: z.enum(["central", "overlay"]).meta({
      description: "`central` is mandatory for all that it matches; `overlay` belongs to the team that owns it.",
    }),
    owner: nameField("Team that answers for it; of an overlay also the team whose services it tightens."),
    scope: scopeField,
    from: momentField("In force from then on; always before when left out.").optional(),
    until: momentField("In force up to, not at, then; for ever when left out.").optional(),
    settings: settingsField,
    bounds: boundsField,
  }),
  references: (spec) => referenceAt(spec, "owner", ["Team"]),
  check: policyProblems,
  whyMandatory: {
    level: "Whether it is mandatory for everybody or of one team must not depend on who reads it.",
    owner: "Whoever is stopped by it must know whom to ask.",
  },
  toDomain: (name, spec, document): Policy => ({
    name,
    scope: toScope(spec.scope),
    level: spec.level,
    owner: spec.owner,
    from: spec.from === undefined ? null : checked(readMoment(spec.from)),
    until: spec.until === undefined ? null : checked(readMoment(spec.until)),
    version: documentDigest(document, sha256),
    settings: toSettings(spec.settings),
    bounds: spec.bounds ?? [],
  }),
});
