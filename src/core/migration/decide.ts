import { err, ok, type Result } from "#core/result.ts";

/** A script as it came with a version. */
export interface MigrationScript {
  /** Applied in this order; 1 to 9999. */
  readonly number: number;
  /** `0003-add-note`. */
  readonly name: string;
  readonly checksum: string;
  /** How it is taken back: a script with a checksum of its own, or why there is none. */
  readonly undo: { readonly checksum: string } | { readonly irreversible: string };
}

/** A script as the ledger of the database has it. */
export interface AppliedScript {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  /** null: irreversible. */
  readonly undoChecksum: string | null;
  /** Key under which it was applied. */
  readonly key: string;
  /** False: it has begun outside of a transaction and nobody knows how far it came. */
  readonly isWhole: boolean;
}

/** `up/0003-add-note.sql`-like names: number, a dash, a name, and what the script is for. */
const fileName = /^(\d{4})-([a-z0-9][a-z0-9-]{0,80})\.(up|undo)\.sql$/;

export interface ScriptFile {
  readonly number: number;
  readonly name: string;
  readonly purpose: "up" | "undo";
}

/** What the name of a file says; null: it is no script. */
export function readFileName(name: string): ScriptFile | null {
  const [, digits, words, purpose] = fileName.exec(name) ?? [];
  if (digits === undefined || words === undefined || Number(digits) === 0) return null;
  return { number: Number(digits), name: `${digits}-${words}`, purpose: purpose === "undo" ? "undo" : "up" };
}

/**
 * What has to be applied, in order: the scripts that the ledger lacks. Refused where the ledger and the scripts do not
 * tell the same story: another checksum under a number, a script that was applied and did not come along, one that would
 * have to go below what is applied already, one that is half applied. Nothing is applied then.
 */
export function toApply<Script extends MigrationScript>(
  scripts: readonly Script[],
  ledger: readonly AppliedScript[],
): Result<readonly Script[], string> {
  const half = ledger.find(({ isWhole }) => !isWhole);
  if (half !== undefined) return err(sayHalf(half));
  const repeated = scripts.find(({ number }, index) => scripts.findIndex((each) => each.number === number) < index);
  if (repeated !== undefined) return err(`Two scripts have the number of ${repeated.name}.`);
  for (const applied of ledger) {
    const own = scripts.find(({ number }) => number === applied.number);
    // What a later version has applied is there while an earlier one is rolled out again: it is safe for that version.
    if (own === undefined && applied.number < Math.max(0, ...scripts.map(({ number }) => number))) {
      return err(`${applied.name} was applied and is not among the scripts; it must stay there.`);
    }
    if (own !== undefined && (own.checksum !== applied.checksum || own.name !== applied.name)) {
      return err(
        `${own.name} has the checksum ${own.checksum}; applied was ${applied.name} with ${applied.checksum}. What is applied is not edited: write a new script.`,
      );
    }
  }
  const highest = Math.max(0, ...ledger.map(({ number }) => number));
  const known = new Set(ledger.map(({ number }) => number));
  const missing = scripts.filter(({ number }) => !known.has(number)).toSorted((a, b) => a.number - b.number);
  const below = missing.find(({ number }) => number < highest);
  if (below !== undefined) {
    return err(`${below.name} comes before what is applied already; give it a number above ${highest}.`);
  }
  return ok(missing);
}

/**
 * What has to be taken back, the last first: what was applied under the key. Refused where a script cannot be taken back,
 * its undo is not the one that came along when it was applied, or something was applied on top of it. Nothing is undone
 * then.
 */
export function toUndo<Script extends MigrationScript>(
  scripts: readonly Script[],
  ledger: readonly AppliedScript[],
  key: string,
): Result<readonly Script[], string> {
  const own = ledger.filter((applied) => applied.key === key).toSorted((a, b) => b.number - a.number);
  const lowest = own.at(-1)?.number ?? Number.POSITIVE_INFINITY;
  const above = ledger.find((applied) => applied.number > lowest && applied.key !== key);
  if (above !== undefined) return err(`${above.name} was applied behind it by another run; take that back first.`);
  const found: Script[] = [];
  for (const applied of own) {
    if (!applied.isWhole) return err(sayHalf(applied));
    const script = scripts.find(({ number }) => number === applied.number);
    if (script === undefined)
      return err(`${applied.name} is not among the scripts any more, so nobody knows its undo.`);
    if ("irreversible" in script.undo) return err(`${applied.name} is irreversible: ${script.undo.irreversible}`);
    if (script.undo.checksum !== applied.undoChecksum) {
      return err(`The undo of ${applied.name} is not the one that came along when it was applied.`);
    }
    found.push(script);
  }
  return ok(found);
}

function sayHalf({ name }: AppliedScript): string {
  return `${name} has begun outside of a transaction and did not end; look at what is there, and correct the ledger.`;
}
