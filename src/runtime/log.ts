import { pino, type DestinationStream, type LoggerOptions } from "pino";

/** What is worth a line. Fields are data, never parts of the sentence. */
export interface Log {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
}
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogSettings {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Standard error when absent: standard output is for data. */
  readonly destination?: DestinationStream;
}

/** Fields whose values are secrets wherever they stand in the first three levels. */
const secretFields = ["authorization", "cookie", "set-cookie", "token", "secret", "password", "secretHash"];
/** A longer line is a hostile or mistaken one; what is left says how long it was. */
export const maxLineChars = 16_384;

/** One JSON object per line, as pino writes it. */
export function createLog(settings: LogSettings): Log {
  const destination = settings.destination ?? pino.destination({ dest: 2, sync: false });
  const options: LoggerOptions = {
    level: settings.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: tidy },
  };
  const plain = pino(options, destination);
  const redacting = pino(
    { ...options, redact: { paths: secretFields.flatMap(pathsOf), censor: "[redacted]" } },
    destination,
  );
  // Looking for secrets in every line that a request leaves takes longer than writing it.
  const write =
    (level: "debug" | "info" | "warn" | "error"): Log["info"] =>
    (fields, message) =>
      (isPlain(fields) ? plain : redacting)[level](fields, message);
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

const secretNames: ReadonlySet<string> = new Set(secretFields);

/** True when no field is named like a secret and none holds others. */
function isPlain(fields: LogFields): boolean {
  for (const name in fields) {
    const value = fields[name];
    if ((typeof value === "object" && value !== null) || secretNames.has(name)) return false;
  }
  return true;
}

function pathsOf(field: string): readonly string[] {
  const name = field.includes("-") ? `["${field}"]` : `.${field}`;
  return [name.replace(/^\./, ""), `*${name}`, `*.*${name}`];
}

/**
 * The last fence, over the finished line: tokens in free text (a message of a library, a path) lose their secret half;
 * characters that steer terminals or reorder text become escapes, so that the line stays one JSON record.
 */
export function tidy(line: string): string {
  const safe = line
    .replace(/(tg_[0-9a-f]{32}_)[0-9a-f]+/g, "$1[redacted]")
    .replace(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, escapeOf);
  if (safe.length <= maxLineChars) return safe;
  return `${JSON.stringify({ level: "warn", msg: "a log line was too long", length: safe.length, start: safe.slice(0, 2000) })}\n`;
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
