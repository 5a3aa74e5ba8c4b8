import type { Report } from "#core/release/report.ts";

/** Who may report under a name, as configuration declares it. */
export interface Source {
  readonly name: string;
  /** Accounts that speak for it. */
  readonly accounts: readonly string[];
  /** Kinds of evidence that only sources which list them report. */
  readonly evidence: readonly string[];
}

export interface Speaker {
  readonly account: string;
  /** Every account that somebody has. */
  readonly accounts: ReadonlySet<string>;
}

/** Why an account may not say it under that name; `speaks`: the accounts that may. */
export interface ForeignSource {
  readonly code: "foreign-source";
  readonly source: string;
  readonly speaks: readonly string[];
}

/**
 * Whether the account may say this under the name of the source (ADR 0022): one that is declared speaks with its accounts
 * alone, and one that has the name of an account with that one. Every other name belongs to the account that reported
 * under it first; `first`: that account, or null before the first report. null: it may.
 */
export function foreignSource(
  report: Report,
  sources: ReadonlyMap<string, Source>,
  { account, accounts }: Speaker,
  first: string | null,
): ForeignSource | null {
  const name = report.record.source;
  const declared = sources.get(name);
  const owner = accounts.has(name) ? name : first;
  const speaks = declared?.accounts ?? (owner === null ? [account] : [owner]);
  if (!speaks.includes(account)) return { code: "foreign-source", source: name, speaks };
  if (report.kind !== "evidence") return null;
  const { kind } = report.record;
  const alone = [...sources.values()].filter(({ evidence }) => evidence.includes(kind));
  if (alone.length === 0 || alone.some((source) => source.name === name)) return null;
  return { code: "foreign-source", source: name, speaks: alone.flatMap((source) => source.accounts) };
}

/** A source as findings name it: with the account that spoke for it, where it has another name. */
export function saySource({ source, by }: { readonly source: string; readonly by?: string | undefined }): string {
  return by === undefined || by === source ? source : `${source} (${by})`;
}
