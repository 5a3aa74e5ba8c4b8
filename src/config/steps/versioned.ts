import { z } from "zod";
import { nameField, versionField } from "#config/fields.ts";
import { isJsonObject, member, type Json, type Path } from "#config/json.ts";
import type { Reference } from "#config/kind.ts";

/** Fields of a step that acts on a version of a service in an environment. */
export const versioned = {
  service: nameField("Service."),
  version: versionField,
  environment: nameField("Environment."),
};

/** A part of what goes through a version, in per cent. */
export const percentField = z.number().min(0).max(100).meta({ description: "Share of live traffic in per cent." });

/** The documents that such a step names. */
export function placeReferences(given: Json, at: Path): readonly Reference[] {
  return (["service", "environment"] as const).flatMap((field) => {
    const name = isJsonObject(given) ? member(given, field) : undefined;
    const to = field === "service" ? ["Service"] : ["Environment"];
    return typeof name === "string" ? [{ at: [...at, field], name, to }] : [];
  });
}
