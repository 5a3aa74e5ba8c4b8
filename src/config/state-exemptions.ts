import { z } from "zod";
import { instantField, nameField, textField, versionField } from "#config/fields.ts";
import { limits } from "#config/limits.ts";
import { checked } from "#config/local-rule.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { readInstant } from "#config/time.ts";
import { controlForms } from "#core/exemption/control.ts";
import { type Debt, debtKinds, type EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Exemption } from "#core/exemption/exemption.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";

/*
 * The lists of a State that say what was granted against rules, and what emergencies may and owe. Overrides are not
 * among them: they belong to one deployment, and a folder knows none.
 */

const person = nameField("Person.");
const names = (description: string) => z.array(nameField(description)).max(limits.listLength);

const exemption = z.strictObject({
  id: textField("Such as `EX-12`."),
  rule: nameField("Rule that it deviates from."),
  codes: names("Code of a finding.").min(1).meta({ description: "What it lets through." }),
  subjects: names("Kind of evidence.").optional().meta({ description: "All kinds when left out." }),
  scope: scopeField,
  justification: textField("Why."),
  controls: z
    .array(textField(`Compensating control: ${controlForms}.`))
    .max(limits.listLength)
    .optional()
    .meta({ description: "What has to be in place." }),
  from: instantField("Its begin."),
  until: instantField("Its end, not included."),
  requestedBy: person,
  approvedBy: names("Person of compliance.").meta({ description: "Who approved it." }),
});

const emergency = z.strictObject({
  id: textField("Such as `EM-7`."),
  ticket: textField("Key elsewhere."),
  cause: z.string().max(2000).meta({ description: "What is broken." }),
  service: nameField("Name of the service."),
  version: versionField,
  digest: textField("Digest that it permits."),
  environments: names("Name of the environment.").min(1).meta({ description: "Where." }),
  team: nameField("Team that will owe."),
  criteria: names("Item of the checklist.").optional().meta({ description: "What was confirmed." }),
  impact: names("Service that would feel it.").nullable().optional().meta({ description: "null: not computed." }),
  passesFreezes: names("Hard freeze.").optional().meta({ description: "Which hard freezes it may pass." }),
  openedBy: person,
  openedAt: instantField("When."),
  approvedBy: z
    .array(
      z.strictObject({
        person,
        at: instantField("When."),
        onDuty: z.boolean().optional().meta({ description: "On duty when left out." }),
      }),
    )
    .max(limits.listLength)
    .optional()
    .meta({ description: "Approvals." }),
  until: instantField("End of the permission.").nullable().optional(),
});

const debt = z.strictObject({
  id: textField("Such as `DB-4`."),
  kind: z.enum(debtKinds).meta({ description: "What is owed." }),
  team: nameField("Team that owes it."),
  emergency: textField("Emergency that it stems from."),
  dueAt: instantField("When it is due."),
  paidAt: instantField("When it was paid.").nullable().optional(),
});

const list = <T extends z.ZodType>(item: T, description: string): z.ZodOptional<z.ZodArray<T>> =>
  z
    .array(item)
    .max(100 * limits.listLength)
    .optional()
    .meta({ description });

export const exemptionFields = {
  exemptions: list(exemption, "Exemptions that were granted."),
  emergencies: list(emergency, "Emergency tickets, the newest first."),
  debts: list(debt, "What emergencies owe."),
};

const fields = z.strictObject(exemptionFields);
type ExemptionSpec = z.output<typeof fields>;

export interface ExemptionState {
  readonly exemptions: readonly Exemption[];
  readonly emergencies: readonly EmergencyTicket[];
  readonly debts: readonly Debt[];
}

/** Of a folder without State. */
export const noExemptionState: ExemptionState = { exemptions: [], emergencies: [], debts: [] };

export function toExemptionState(spec: ExemptionSpec): ExemptionState {
  return {
    exemptions: (spec.exemptions ?? []).map(({ subjects, controls, scope, from, until, ...row }) => ({
      ...row,
      subjects: subjects ?? [],
      controls: controls ?? [],
      scope: toScope(scope),
      from: instant(from),
      until: instant(until),
      revokedAt: null,
    })),
    emergencies: (spec.emergencies ?? []).map(
      ({ criteria, impact, passesFreezes, openedAt, approvedBy, until, ...row }) => ({
        ...row,
        criteria: criteria ?? [],
        impact: impact ?? null,
        passesFreezes: passesFreezes ?? [],
        openedAt: instant(openedAt),
        approvedBy: (approvedBy ?? []).map(({ person: by, at, onDuty }) => ({
          person: by,
          at: instant(at),
          onDuty: onDuty ?? true,
        })),
        until: instantOrNull(until),
      }),
    ),
    debts: (spec.debts ?? []).map(({ dueAt, paidAt, ...row }) => ({
      ...row,
      dueAt: instant(dueAt),
      paidAt: instantOrNull(paidAt),
    })),
  };
}

/** What of it concerns the subject at an instant; what lies ahead is not known yet. */
export function exemptionFactsOf(
  { exemptions, emergencies, debts }: ExemptionState,
  { service, version, environment }: Subject,
  team: string | null,
  at: Temporal.Instant,
): Pick<Facts, "exemptions" | "emergency" | "debts"> {
  const isPast = (moment: Temporal.Instant): boolean => Temporal.Instant.compare(moment, at) <= 0;
  const ticket = emergencies.find(
    (one) =>
      one.service === service &&
      one.version === version &&
      one.environments.includes(environment) &&
      isPast(one.openedAt),
  );
  return {
    exemptions,
    emergency:
      ticket === undefined ? null : { ...ticket, approvedBy: ticket.approvedBy.filter((given) => isPast(given.at)) },
    debts: debts
      .filter((owed) => owed.team === team)
      .map((owed) => (owed.paidAt === null || isPast(owed.paidAt) ? owed : { ...owed, paidAt: null })),
  };
}

function instant(text: string): Temporal.Instant {
  return checked(readInstant(text));
}

function instantOrNull(text: string | null | undefined): Temporal.Instant | null {
  return text === null || text === undefined ? null : instant(text);
}
