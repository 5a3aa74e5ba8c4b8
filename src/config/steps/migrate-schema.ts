import { z } from "zod";
import { nameField } from "#config/fields.ts";
import { defineStepKind } from "#config/steps/step-kind.ts";
import { placeReferences, versioned } from "#config/steps/versioned.ts";

export const migrateSchema = defineStepKind({
  field: "migrateSchema",
  summary:
    "Applies the scripts that belong to a version to a database that the agent knows by name: those that its ledger lacks, in order, each once. Its own undo takes back exactly what this run has applied.",
  schema: z.strictObject({ ...versioned, database: nameField("Name of the database in the agent's configuration.") }),
  references: placeReferences,
  toAction: (given) => ({ kind: "migrate-schema", ...given, direction: "up" }),
});
