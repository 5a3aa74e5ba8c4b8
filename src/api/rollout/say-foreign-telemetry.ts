import type { ForeignSource } from "#core/release/source.ts";

export function sayForeignTelemetry({ source, speaks }: ForeignSource): string {
  return `Nothing was taken: ${source} does not speak with your account here; ${speaks.join(" or ")} does. Send with that account, or have the Source document name yours.`;
}
