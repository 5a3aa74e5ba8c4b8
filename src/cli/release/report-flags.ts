import type { Command } from "commander";
import { usage } from "#cli/exit.ts";
import type { Io } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";

/** The flags that reports of every kind have. */
export interface Common {
  readonly source: string;
  readonly at?: string;
}

export function reportOf(group: Command, usageOf: string, description: string): Command {
  return group
    .command(usageOf)
    .description(description)
    .requiredOption("--source <name>", "the system that measured")
    .option("--at <time>", "when it was measured; now when left out");
}

export function common({ source, at }: Common): { source: string; at?: string } {
  return { source, ...(at === undefined ? {} : { at: parseAt(at).toString() }) };
}

export function told(
  io: Io,
  receipt: { readonly id: string; readonly recorded: boolean; readonly counts: boolean },
): void {
  const { id, recorded, counts } = receipt;
  const what = recorded ? "recorded" : "on record before";
  const effect = counts ? "it counts from now on" : "a newer one counts";
  io.write(renderObject(io.format(), receipt, () => `${id} ${what}; ${effect}\n`, id));
}

export function oneOf<T extends string>(text: string, known: readonly T[]): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw usage(`"${text}" is not known here. Known: ${known.join(", ")}.`);
  return found;
}

export function numberOf(flag: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw usage(`--${flag} takes a number, and "${text}" is none.`);
  return value;
}

export function instantOrNull(text: string | undefined): string | null {
  return text === undefined ? null : parseAt(text).toString();
}
