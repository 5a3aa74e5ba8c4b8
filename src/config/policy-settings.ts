import { z } from "zod";
import { checkedText, durationField, labelField, nameField, textField } from "#config/fields.ts";
import { checked } from "#config/local-rule.ts";
import { limits } from "#config/limits.ts";
import { readDuration } from "#config/time.ts";
import { impacts } from "#core/catalog/service.ts";
import { planDemands, type PolicySettings, type StabilisationDemand } from "#core/policy/policy.ts";
import { inOrder } from "#core/policy/strictness.ts";
import { parseVersion } from "#core/release/semver.ts";

/** More clauses than this in one policy are a program; every one is judged for every verdict. */
export const maxClauses = 50;
/** Items of evidence or resources in one policy. */
const maxItems = 100;

const ruleSetField = checkedText(
  (text) =>
    parseVersion(text) === null
      ? {
          code: "bad-version",
          message: `"${text.slice(0, 60)}" is not a semantic version.`,
          remedy: "Write it like 2.1.0.",
        }
      : null,
  { description: "Taken with this version of the rule set or a later one.", examples: ["2.1.0"] },
);

const figure = (description: string): z.ZodOptional<z.ZodNumber> => z.number().optional().meta({ description });
const someOf = <T extends z.ZodType>(item: T, description: string): z.ZodArray<T> =>
  z.array(item).min(1).max(maxItems).meta({ description });

const evidence = z.strictObject({
  kind: labelField,
  min: figure("The value must be at least this. Of several policies the greatest counts."),
  max: figure("The value must be at most this. Of several policies the smallest counts."),
  maxAge: durationField("No older than this at the start. Of several policies the shortest counts.").optional(),
  ruleSet: ruleSetField.optional(),
});

const clause = z.strictObject({
  id: labelField,
  expression: textField("Expression of the Common Expression Language over the facts; false or an error stops."),
  sentence: textField("What is wrong when it is false, in one sentence for a person."),
  who: textField("Person, team or role that can act."),
  remedy: textField("Imperative: what to do."),
});

/** Every setting says how policies are joined: the strictest of each counts. */
export const settingsField = z
  .strictObject({
    evidence: someOf(evidence, "Evidence on the digest; each must be there, pass, and keep to its figures.").optional(),
    verification: z
      .strictObject({ maxAge: durationField("No older than this at the start; the shortest counts.").optional() })
      .optional()
      .meta({ description: "The digest and its signature were verified against the trust policy." }),
    ticket: z
      .strictObject({
        states: someOf(textField("State of the ticket."), "Only these states; those that all allow count."),
      })
      .optional()
      .meta({ description: "A ticket names the service and is in one of these states." }),
    risk: z
      .strictObject({
        maxScore: z.number().min(0).max(100).optional().meta({ description: "Greatest score; the smallest counts." }),
        appetite: z
          .number()
          .min(0)
          .optional()
          .meta({ description: "Greatest sum of one local day; the smallest counts." }),
        per: z.enum(["environment", "unit", "region"]).optional().meta({
          description: "What the sum is taken over; `environment` when left out. Sums over different things all hold.",
        }),
      })
      .optional()
      .meta({ description: "Limits on risk, 0 to 100 for one change." }),
    errorBudget: z
      .strictObject({ minLeft: z.number().min(0).max(1).meta({ description: "0 to 1; the greatest counts." }) })
      .optional()
      .meta({ description: "Part of the error budget that must be left." }),
    capacity: someOf(
      z.strictObject({
        resource: textField("Name of what is shared."),
        max: z.number().int().min(0).meta({ description: "Bookings at the same time; the smallest counts." }),
      }),
      "How many bookings may use the same thing at the same time.",
    ).optional(),
    signals: z
      .strictObject({ okFor: durationField("Ok for so long; the longest counts.") })
      .optional()
      .meta({ description: "A degraded upstream service holds until it has been ok for so long." }),
    coreUpgrades: z
      .strictObject({
        services: someOf(textField("Glob on names of services."), "Core services; all that any policy names count."),
        soak: durationField("So long after its end; the longest counts."),
        criticalTiers: z
          .array(z.number().int().min(0).max(9))
          .max(10)
          .optional()
          .meta({ description: "Tiers that pass with a notice; those that all allow count." }),
      })
      .optional()
      .meta({ description: "A booked major version of a core service defers those who depend on it." }),
    stabilisation: z
      .strictObject({
        lasts: durationField("So long; the longest counts."),
        own: z.boolean().optional().meta({ description: "The service itself waits as well." }),
      })
      .optional()
      .meta({ description: "After a deployment its neighbours in the graph do not change." }),
    promotion: z
      .strictObject({ soak: durationField("So long; the longest counts.") })
      .optional()
      .meta({ description: "The same digest was live in every environment that comes before." }),
    rollback: z
      .strictObject({
        plan: z.enum(planDemands).optional().meta({
          description: "Whose way back needs a whole plan (kind Rollback); the strictest counts. `none` when left out.",
        }),
        rehearsedWithin: durationField(
          "The way back was rehearsed for the same pair of versions, no longer ago than this; the shortest counts.",
        ).optional(),
      })
      .optional()
      .meta({ description: "What is demanded of the way back before anything goes." }),
    emergency: z
      .strictObject({
        approvals: z.number().int().min(1).max(10).meta({ description: "Distinct approvers; the greatest counts." }),
        validFor: durationField("How long the permission lasts; the shortest counts."),
        reviewWithin: durationField("When the review is due: days are working days; the shortest counts."),
        backMergeWithin: durationField("When the back-merge is due; the shortest counts."),
        criteria: z
          .array(nameField("Name of a criterion, such as `users-affected`."))
          .max(limits.listLength)
          .optional()
          .meta({ description: "What has to be confirmed to open a ticket; those of all policies." }),
        rehearsalWithin: durationField(
          "When a rehearsal of the way back is due; none is owed when left out.",
        ).optional(),
        stopsAfter: durationField(
          "How long a debt may be overdue before it stops all other changes of the team; never when left out.",
        ).optional(),
      })
      .optional()
      .meta({ description: "What the emergency lane asks for." }),
    rollout: z
      .strictObject({
        canaryFor: z.array(z.enum(impacts)).min(1).max(impacts.length).meta({
          description: "Impacts of a defect; those of all policies count, and one that nobody has told is each.",
        }),
      })
      .optional()
      .meta({ description: "New versions of services with such an impact come by a canary only." }),
    clauses: z
      .array(clause)
      .min(1)
      .max(maxClauses)
      .optional()
      .meta({ description: "What no setting foresees; all clauses of all policies hold." }),
  })
  .meta({ description: "What is demanded. A setting that is left out demands nothing." });

export const boundsField = z
  .array(
    z.strictObject({
      setting: textField("Path of a number in the settings, such as `evidence.coverage.min`."),
      least: z.number().meta({ description: "Smallest value, included." }),
      most: z.number().meta({ description: "Greatest value, included." }),
    }),
  )
  .max(limits.listLength)
  .optional()
  .meta({ description: "Of a central policy: numbers that an overlay may move, and how far." });

const orNull = (text: string | undefined): Temporal.Duration | null =>
  text === undefined ? null : checked(readDuration(text));
/** With its days as they are written: a term counts working days. The field has been checked. */
const termOf = (text: string): Temporal.Duration => Temporal.Duration.from(text);
const lengthOf = (text: string): Temporal.Duration => checked(readDuration(text));

export function toSettings(spec: z.output<typeof settingsField>): PolicySettings {
  const { verification, risk, errorBudget, signals, coreUpgrades, stabilisation, promotion, rollback, emergency } =
    spec;
  return {
    evidence: (spec.evidence ?? []).map(({ kind, min, max, maxAge, ruleSet }) => ({
      kind,
      min: min ?? null,
      max: max ?? null,
      maxAge: orNull(maxAge),
      ruleSet: ruleSet ?? null,
    })),
    verification: verification === undefined ? null : { maxAge: orNull(verification.maxAge) },
    ticket: spec.ticket ?? null,
    risk:
      risk === undefined
        ? null
        : { maxScore: risk.maxScore ?? null, appetite: risk.appetite ?? null, per: risk.per ?? "environment" },
    errorBudget: errorBudget ?? null,
    capacity: spec.capacity ?? [],
    signals: signals === undefined ? null : { okFor: lengthOf(signals.okFor) },
    coreUpgrades:
      coreUpgrades === undefined
        ? null
        : {
            services: coreUpgrades.services,
            soak: lengthOf(coreUpgrades.soak),
            criticalTiers: coreUpgrades.criticalTiers ?? [],
          },
    stabilisation: stabilisation === undefined ? null : toStabilisation(stabilisation),
    promotion: promotion === undefined ? null : { soak: lengthOf(promotion.soak) },
    rollback:
      rollback === undefined
        ? null
        : { plan: rollback.plan ?? "none", rehearsedWithin: orNull(rollback.rehearsedWithin) },
    emergency:
      emergency === undefined
        ? null
        : {
            approvals: emergency.approvals,
            validFor: lengthOf(emergency.validFor),
            reviewWithin: termOf(emergency.reviewWithin),
            backMergeWithin: termOf(emergency.backMergeWithin),
            criteria: [...new Set(emergency.criteria ?? [])].sort(),
            rehearsalWithin: emergency.rehearsalWithin === undefined ? null : termOf(emergency.rehearsalWithin),
            stopsAfter: orNull(emergency.stopsAfter),
          },
    rollout: spec.rollout === undefined ? null : { canaryFor: inOrder(spec.rollout.canaryFor) },
    clauses: spec.clauses ?? [],
  };
}

/** What is not asked for is left out, as in stored policies of before. */
function toStabilisation(spec: { readonly lasts: string; readonly own?: boolean | undefined }): StabilisationDemand {
  const lasts = lengthOf(spec.lasts);
  return spec.own === true ? { lasts, own: true } : { lasts };
}
