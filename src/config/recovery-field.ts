import { z } from "zod";
import { durationField, listField, nameField } from "#config/fields.ts";
import { itemsOf, member, type JsonObject } from "#config/json.ts";
import type { Reference } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import { readDuration } from "#config/time.ts";
import type { RecoveryLimits } from "#core/catalog/recovery.ts";

/** What a service must not lose and how fast it must be back. */
export const recoveryField = z
  .strictObject({
    lossFor: durationField("The data of at most this long may be gone (RPO)."),
    restoredIn: durationField("It is restored within this (RTO)."),
    provenFor: durationField("A measured restore counts this long; P90D when left out.").optional(),
    environments: listField(
      nameField("Name of the environment."),
      "Where the limits hold; in all protected environments when left out.",
    ),
  })
  .meta({ description: "What it must not lose and how fast it must be back; `backup-proven` asks for the proof." });

const provenFor = "P90D";

export function toRecovery(spec: z.output<typeof recoveryField>): RecoveryLimits {
  return {
    lossFor: checked(readDuration(spec.lossFor)),
    restoredIn: checked(readDuration(spec.restoredIn)),
    provenFor: checked(readDuration(spec.provenFor ?? provenFor)),
    environments: spec.environments ?? [],
  };
}

export function recoveryReferences(spec: JsonObject): readonly Reference[] {
  return itemsOf(member(member(spec, "recovery"), "environments")).flatMap((name, index) =>
    typeof name === "string" ? [{ at: ["spec", "recovery", "environments", index], name, to: ["Environment"] }] : [],
  );
}
