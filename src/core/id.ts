declare const brand: unique symbol;

/** A string of one kind only: a `BookingId` is not a `DeploymentId`. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

export type BookingId = Branded<"BookingId">;
export type DeploymentId = Branded<"DeploymentId">;
export type VerdictId = Branded<"VerdictId">;

/**
 * Prefixes make a line in a log explain itself. The part behind the prefix is a UUIDv7 without hyphens
 * (made in `runtime/ids`), so ids of one kind sort by the time of their making.
 */
export const idPrefix = {
  booking: "bkg",
  deployment: "dep",
  verdict: "vrd",
  approval: "apr",
  audit: "aud",
  token: "tok",
  slot: "slt",
  swap: "swp",
  rotaImport: "rim",
  reflow: "rfl",
  feed: "fed",
  report: "rpt",
  hold: "hld",
  stop: "stp",
  gate: "gat",
  lease: "lse",
  callback: "cbk",
  hookDelivery: "hkd",
  violation: "vio",
  run: "run",
  reservation: "rsv",
  decision: "rdc",
} as const;

export type IdKind = keyof typeof idPrefix;

export function isIdOf(kind: IdKind, text: string): boolean {
  return text.startsWith(`${idPrefix[kind]}_`) && /^[a-z]+_[0-9a-f]{32}$/.test(text);
}
