import { type ChangeKind, changeKinds } from "#core/policy/backtest.ts";

/** One changed deployment, as far as it is counted. Instants are ISO 8601 texts, so that pages can be put together. */
export interface CountedChange {
  readonly kind: ChangeKind;
  readonly because: readonly { readonly rule: string; readonly code: string }[];
  /** Elapsed seconds by which the next opening would be later (negative: earlier); null when an opening is not known. */
  readonly delaySeconds: number | null;
  /** Rolled back, failed or left to a person. */
  readonly failed: boolean;
  /** Fix-forward, roll-back or an emergency. */
  readonly fix: boolean;
}

export interface Tally {
  readonly count: number;
  readonly failed: number;
  readonly fixes: number;
}

/** What a draft would have done, in figures and in sentences. */
export interface BacktestSummary {
  readonly deployments: number;
  readonly same: number;
  readonly byKind: Readonly<Record<ChangeKind, Tally>>;
  /** Most frequent first. */
  readonly byRule: readonly (Tally & { readonly rule: string; readonly code: string })[];
  readonly delay: {
    /** Deployments whose next opening would be later, with both openings known. */
    readonly count: number;
    readonly p50Seconds: number | null;
    readonly maxSeconds: number | null;
    /** Mean over all deployments, earlier ones included: what the draft costs or gains in lead time. */
    readonly meanSeconds: number;
    /** Held up without any opening in sight. */
    readonly withoutOpening: number;
  };
  readonly sentences: readonly string[];
}

/** Sums up the changes among so many deployments; over pages: of all their changes and deployments together. */
export function summarise(changes: readonly CountedChange[], deployments: number): BacktestSummary {
  const byKind = {
    "newly-blocked": tally(changes.filter(({ kind }) => kind === "newly-blocked")),
    "newly-allowed": tally(changes.filter(({ kind }) => kind === "newly-allowed")),
    delayed: tally(changes.filter(({ kind }) => kind === "delayed")),
    earlier: tally(changes.filter(({ kind }) => kind === "earlier")),
    other: tally(changes.filter(({ kind }) => kind === "other")),
  } satisfies Record<ChangeKind, Tally>;
  const figures = {
    deployments,
    same: deployments - changes.length,
    byKind,
    byRule: rulesOf(changes),
    delay: delayOf(changes, deployments),
  };
  return { ...figures, sentences: sentencesOf(figures) };
}

function tally(changes: readonly CountedChange[]): Tally {
  return {
    count: changes.length,
    failed: changes.filter(({ failed }) => failed).length,
    fixes: changes.filter(({ fix }) => fix).length,
  };
}

function rulesOf(changes: readonly CountedChange[]): BacktestSummary["byRule"] {
  const harder = changes.filter(({ kind }) => kind === "newly-blocked" || kind === "delayed" || kind === "other");
  const byRule = new Map<string, CountedChange[]>();
  for (const change of harder) {
    for (const key of new Set(change.because.map(({ rule, code }) => `${rule} ${code}`))) {
      byRule.set(key, [...(byRule.get(key) ?? []), change]);
    }
  }
  return [...byRule]
    .map(([key, found]) => {
      const [rule = "", code = ""] = key.split(" ");
      return { rule, code, ...tally(found) };
    })
    .sort((a, b) => b.count - a.count || (a.rule + a.code < b.rule + b.code ? -1 : 1));
}

function delayOf(changes: readonly CountedChange[], deployments: number): BacktestSummary["delay"] {
  const known = changes.flatMap(({ delaySeconds }) => (delaySeconds === null ? [] : [delaySeconds]));
  const later = known.filter((seconds) => seconds > 0).sort((a, b) => a - b);
  return {
    count: later.length,
    p50Seconds: later[Math.ceil(later.length / 2) - 1] ?? null,
    maxSeconds: later.at(-1) ?? null,
    meanSeconds: deployments === 0 ? 0 : Math.round(known.reduce((sum, seconds) => sum + seconds, 0) / deployments),
    withoutOpening: changes.filter(
      ({ kind, delaySeconds }) => delaySeconds === null && (kind === "newly-blocked" || kind === "delayed"),
    ).length,
  };
}

function sentencesOf({ deployments, byKind, byRule, delay }: Omit<BacktestSummary, "sentences">): readonly string[] {
  if (deployments === 0) return ["There is no recorded deployment in this time, so nothing was tried."];
  if (changeKinds.every((kind) => byKind[kind].count === 0))
    return [`None of ${deployments} would have been different.`];
  const words: Readonly<Record<ChangeKind, string>> = {
    "newly-blocked": "would not have been allowed",
    "newly-allowed": "would have been allowed",
    delayed: "would have waited longer",
    earlier: "would have opened earlier",
    other: "would have had another verdict",
  };
  const kinds = changeKinds.flatMap((kind) => {
    const { count } = byKind[kind];
    return count === 0 ? [] : [`${count} of ${deployments} more ${words[kind]}${history(byKind[kind])}.`];
  });
  const rules = byRule.map(
    (each) => `${each.count} of ${deployments} more to ${each.rule} (${each.code})${history(each)}.`,
  );
  return [...kinds, ...rules, ...leadTime(delay)];
}

function history({ failed, fixes }: Tally): string {
  const fixed = fixes === 1 ? "1 of them was a fix" : `${fixes} of them were fixes`;
  const parts = [...(failed > 0 ? [`${failed} of them had failed`] : []), ...(fixes > 0 ? [fixed] : [])];
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

function leadTime({
  count,
  p50Seconds,
  maxSeconds,
  meanSeconds,
  withoutOpening,
}: BacktestSummary["delay"]): readonly string[] {
  // Where no opening is known on either side, an average of nothing would read as "no cost".
  const isKnown = count > 0 || meanSeconds !== 0;
  const sentences = isKnown ? [`${sayDays(meanSeconds, "+")} lead time on average.`] : [];
  if (p50Seconds !== null && maxSeconds !== null) {
    sentences.push(
      `${count} would have opened later: half of them by ${sayDays(p50Seconds)} or less, at most by ${sayDays(maxSeconds)}.`,
    );
  }
  if (withoutOpening > 0) sentences.push(`${withoutOpening} would have had no opening in sight.`);
  return sentences;
}

function sayDays(seconds: number, plus = ""): string {
  const sign = seconds < 0 ? "-" : plus;
  const size = Math.abs(seconds);
  if (size >= 8640) return `${sign}${(size / 86_400).toFixed(1)} d`;
  return size >= 360 ? `${sign}${(size / 3600).toFixed(1)} h` : `${sign}${size} s`;
}
