import { open, truncate, readFile } from "node:fs/promises";
import { z } from "zod";
import { ledgerEntry, type LedgerEntry } from "#contract/agent.ts";

/**
 * The agent's memory of effects: one JSON object per line, each on disk (fsync) before anything relies on it.
 *
 *   intent  → what is about to be done, with key and fence
 *   entry   → what came of it: applied (with the answer given), replayed or refused
 *
 * An intent without an entry means that the agent ended in between: whoever repeats the key finds the effect by looking
 * at the processes and weights themselves. A last line that was cut off by a crash is dropped: nothing relied on it.
 */
const command = { ...ledgerEntry.omit({ seq: true, outcome: true }).shape, body: z.string() };
const line = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("intent"), ...command }),
  z.strictObject({ kind: z.literal("entry"), ...ledgerEntry.shape, body: z.string(), answer: z.unknown().optional() }),
]);

export type Intent = Omit<LedgerEntry, "seq" | "outcome"> & { readonly body: string };

/** Entries that are kept for reading and replay; what is older is in the file only. */
const keptEntries = 50_000;
const entriesPerPage = 500;

export interface Ledger {
  /** Up to 500 entries with a number above `after`, oldest first. */
  readonly after: (seq: number) => readonly LedgerEntry[];
  /** The highest fence accepted for the environment; 0 before the first. */
  readonly fenceOf: (environment: string) => number;
  /** What the key was used for, or null. */
  readonly bodyOf: (key: string) => string | null;
  /** The answer given to the key, or null while there is none. */
  readonly answerTo: (key: string) => { readonly answer: unknown } | null;
  readonly intend: (intent: Intent) => Promise<void>;
  readonly record: (intent: Intent, outcome: LedgerEntry["outcome"], answer?: unknown) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Memory {
  readonly entries: LedgerEntry[];
  readonly fences: Map<string, number>;
  readonly bodies: Map<string, string>;
  readonly answers: Map<string, unknown>;
  seq: number;
}

/** Opens or begins the ledger. Throws if a line before the last cannot be read: then a person has to look. */
export async function openLedger(file: string): Promise<Ledger> {
  const memory: Memory = { entries: [], fences: new Map(), bodies: new Map(), answers: new Map(), seq: 0 };
  await readLines(file, memory);
  const handle = await open(file, "a", 0o600);
  let last: Promise<void> = Promise.resolve();
  const append = (make: () => z.infer<typeof line>) => {
    const write = async () => {
      const text = make();
      await handle.appendFile(`${JSON.stringify(text)}\n`);
      await handle.datasync();
      remember(memory, text);
    };
    const written = last.then(write);
    last = written.catch(() => undefined);
    return written;
  };
  return {
    after: (seq) => {
      const first = memory.entries[0]?.seq ?? 1;
      const from = Math.max(0, seq - first + 1);
      return memory.entries.slice(from, from + entriesPerPage);
    },
    fenceOf: (environment) => memory.fences.get(environment) ?? 0,
    bodyOf: (key) => memory.bodies.get(key) ?? null,
    answerTo: (key) => (memory.answers.has(key) ? { answer: memory.answers.get(key) } : null),
    intend: (intent) => append(() => ({ kind: "intent", ...intent })),
    record: (intent, outcome, answer) =>
      // The number is taken when the line is written, so a line that could not be written leaves no gap.
      append(() => ({ kind: "entry", ...intent, seq: memory.seq + 1, outcome, answer })),
    close: async () => {
      await last;
      await handle.close();
    },
  };
}

async function readLines(file: string, memory: Memory): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const whole = text.lastIndexOf("\n") + 1;
  if (whole < text.length) await truncate(file, Buffer.byteLength(text.slice(0, whole)));
  for (const [index, each] of text.slice(0, whole).split("\n").entries()) {
    if (each === "") continue;
    const parsed = line.safeParse(parseJson(each));
    if (!parsed.success) throw new Error(`${file}:${index + 1} is not a line of a ledger; restore the file.`);
    remember(memory, parsed.data);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function remember(memory: Memory, text: z.infer<typeof line>): void {
  const refused = text.kind === "entry" && text.outcome === "refused";
  if (!refused) {
    memory.fences.set(text.environment, Math.max(text.fence, memory.fences.get(text.environment) ?? 0));
    memory.bodies.set(text.key, text.body);
  }
  if (text.kind === "intent") return;
  const { kind: _kind, body: _body, answer, ...entry } = text;
  memory.seq = Math.max(memory.seq, entry.seq);
  memory.entries.push(entry);
  if (entry.outcome === "applied") memory.answers.set(entry.key, answer);
  if (memory.entries.length <= keptEntries) return;
  const oldest = memory.entries.shift();
  if (oldest?.outcome !== "applied") return;
  memory.answers.delete(oldest.key);
  memory.bodies.delete(oldest.key);
}
