import type { z } from "zod";
import type { Json, Path } from "#config/json.ts";
import type { Reference } from "#config/kind.ts";
import type { StepAction } from "#core/plan/action.ts";

interface Definition<Schema extends z.ZodType, Field extends string> {
  /** Field of a step whose presence says what it does. */
  readonly field: Field;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly schema: Schema;
  readonly toAction: (given: z.output<Schema>) => StepAction;
  readonly references?: (given: Json, at: Path) => readonly Reference[];
}

/** What a step can do, of the one shape that all have. */
export interface StepKind<Field extends string = string> {
  readonly field: Field;
  readonly schema: z.ZodOptional<z.ZodType>;
  /** Called only with what the schema has passed. */
  readonly read: (given: unknown) => StepAction;
  readonly references: (given: Json, at: Path) => readonly Reference[];
}

export function defineStepKind<Schema extends z.ZodType, const Field extends string>(
  definition: Definition<Schema, Field>,
): StepKind<Field> {
  const { field, summary, schema, toAction, references } = definition;
  return {
    field,
    schema: schema.meta({ description: summary }).optional(),
    read: (given) => toAction(schema.parse(given)),
    references: references ?? (() => []),
  };
}
