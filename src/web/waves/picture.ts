import type { Run, RunStep } from "#web/plan/run.ts";
import type { Forecast, WavePlan } from "./queries.ts";

/** A stretch of time in epoch milliseconds, half-open. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** `expected`: by a forecast. All others: as the step of the run stands. */
export type RowState = "expected" | "pending" | "waiting" | "running" | "soaking" | "done" | "failed";

/** A target on its line of time. */
export interface Row {
  readonly environment: string;
  /** IANA name; null: not known. */
  readonly zone: string | null;
  readonly state: RowState;
  readonly openings: readonly Stretch[];
  readonly change: Stretch | null;
  readonly soak: Stretch | null;
  readonly deployment: string | null;
  /** What it waits for; null: for nothing. */
  readonly because: string | null;
}

export interface PictureWave {
  readonly region: string;
  readonly rows: readonly Row[];
}

export interface Picture {
  readonly range: Stretch;
  readonly waves: readonly PictureWave[];
  /** From the first change to the last; null: none is known. */
  readonly mix: Stretch | null;
  /** When the mix has to be over; null: there is no limit, or nothing has begun. */
  readonly mixEnds: number | null;
}

const hourMs = 3_600_000;
/** Without a schedule the openings of a week are shown. */
const emptyMs = 7 * 24 * hourMs;
/** Room at both ends, so that nothing sticks to the edge. */
const margin = 0.03;

/** When the waves would go. */
export function pictureOfForecast(forecast: Forecast): Picture {
  const { plan, waves } = forecast;
  const at = ms(forecast.at);
  const soakMs = plan.soak * 1000;
  const rows = waves.map(({ region, targets }) => ({
    region,
    rows: targets.map(({ environment, zone, from, to, openings }): Row => {
      const change = from === null || to === null ? null : { from: ms(from), to: ms(to) };
      const soak = change === null || soakMs === 0 ? null : { from: change.to, to: change.to + soakMs };
      const plain = { environment, zone, state: "expected", deployment: null, because: null } as const;
      return { ...plain, openings: openings.map(toStretch), change, soak };
    }),
  }));
  const changes = rows.flatMap((wave) => wave.rows.flatMap(({ change }) => change ?? []));
  const last = changes.length === 0 ? at + emptyMs : Math.max(...changes.map(({ to }) => to)) + soakMs;
  return withRange(rows, mixOf(changes), plan.mixLimit, { from: at, to: last });
}

/** How the waves of a run stand; the openings are those of the forecast, as far as one is known. */
export function pictureOfRun(run: Run, plan: WavePlan | null, forecast: Forecast | null, nowMs: number): Picture {
  const forward = run.steps.filter(({ part }) => part === "forward");
  const known = new Map(
    forecast?.waves.flatMap(({ targets }) => targets).map((target) => [target.environment, target]),
  );
  const columns = new Map<number, Row[]>();
  for (const step of forward) {
    if (step.release === null) continue;
    const target = known.get(step.release.environment);
    const soak = forward.find(
      ({ name, after, release }) =>
        release === null && after.length === 1 && after[0] === step.name && name !== step.name,
    );
    const row = rowOf(step, soak, plan, nowMs);
    const openings = (target?.openings ?? []).map(toStretch);
    columns.set(step.column, [...(columns.get(step.column) ?? []), { ...row, zone: target?.zone ?? null, openings }]);
  }
  const waves = [...columns].toSorted(([a], [b]) => a - b).map(([, rows]) => ({ region: regionOf(plan, rows), rows }));
  const changes = waves.flatMap(({ rows }) => rows.flatMap(({ change }) => change ?? []));
  const from = ms(run.startedAt);
  const ends = waves.flatMap(({ rows }) => rows.flatMap(({ change, soak }) => [change?.to ?? from, soak?.to ?? from]));
  const isOver = run.endedAt !== null;
  const next = waves.flatMap(({ rows }) => rows).filter(({ state }) => state === "pending" || state === "waiting");
  const opens = next.flatMap(({ openings }) => openings.find(({ to }) => to > nowMs)?.from ?? []);
  const seen = isOver ? ends : [...ends, nowMs + hourMs, ...opens.map((open) => open + 2 * hourMs)];
  return withRange(waves, mixOf(changes), plan?.mixLimit ?? null, { from, to: Math.max(from + hourMs / 2, ...seen) });
}

function rowOf(
  step: RunStep,
  soak: RunStep | undefined,
  plan: WavePlan | null,
  nowMs: number,
): Omit<Row, "zone" | "openings"> {
  const { release, state, begunAt, endedAt, deployment, waitsFor } = step;
  const change = begunAt === null ? null : { from: ms(begunAt), to: endedAt === null ? nowMs : ms(endedAt) };
  const soakFrom = soak?.begunAt ?? null;
  const soakMs = (plan?.soak ?? 0) * 1000;
  const soakTo = soak?.endedAt ?? null;
  return {
    environment: release?.environment ?? step.name,
    state: stateOf(state, soak),
    change,
    soak:
      soakFrom === null
        ? null
        : { from: ms(soakFrom), to: soakTo === null ? Math.max(nowMs, ms(soakFrom) + soakMs) : ms(soakTo) },
    deployment,
    because: waitsFor?.what ?? soak?.waitsFor?.what ?? soakOutcome(soak),
  };
}

function soakOutcome(soak: RunStep | undefined): string | null {
  return soak?.state === "failed" || soak?.state === "refused" ? soak.outcome : null;
}

function stateOf(state: RunStep["state"], soak: RunStep | undefined): RowState {
  if (state === "pending") return "pending";
  if (state === "queued") return "waiting";
  if (state === "running") return "running";
  if (state !== "done" && state !== "skipped") return "failed";
  if (soak === undefined || soak.state === "done" || soak.state === "skipped") return "done";
  return soak.state === "failed" || soak.state === "refused" || soak.state === "cancelled" ? "failed" : "soaking";
}

function regionOf(plan: WavePlan | null, rows: readonly Row[]): string {
  const [first] = rows;
  return plan?.regions.find(({ environments }) => environments.includes(first?.environment ?? ""))?.name ?? "";
}

function mixOf(changes: readonly Stretch[]): Stretch | null {
  if (changes.length === 0) return null;
  return { from: Math.min(...changes.map(({ from }) => from)), to: Math.max(...changes.map(({ to }) => to)) };
}

function withRange(waves: readonly PictureWave[], mix: Stretch | null, limit: number | null, seen: Stretch): Picture {
  const room = (seen.to - seen.from) * margin;
  const range = { from: seen.from - room, to: seen.to + room };
  return { range, waves, mix, mixEnds: mix === null || limit === null ? null : mix.from + limit * 1000 };
}

/** Where a stretch lies in the range, as shares of it; null: outside. */
export function placeOf(
  { from, to }: Stretch,
  range: Stretch,
): { readonly start: number; readonly width: number } | null {
  const begin = Math.max(from, range.from);
  const end = Math.min(to, range.to);
  if (end <= begin) return null;
  const whole = range.to - range.from;
  return { start: (begin - range.from) / whole, width: (end - begin) / whole };
}

const steps = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168, 336].map((hours) => hours * hourMs);

export interface Tick {
  readonly at: number;
  /** The day where one begins, else the time of day. */
  readonly isDay: boolean;
}

/** Round times in the zone, as many as `most` at most, counted from the beginning of a day there. */
export function ticksOf(range: Stretch, zone: string, most: number): readonly Tick[] {
  const step = steps.find((each) => (range.to - range.from) / each <= most) ?? range.to - range.from;
  const ticks: Tick[] = [];
  let day = Temporal.Instant.fromEpochMilliseconds(Math.floor(range.from)).toZonedDateTimeISO(zone).startOfDay();
  const days = Math.max(1, Math.round(step / (24 * hourMs)));
  while (day.epochMilliseconds < range.to && ticks.length <= 2 * most) {
    const next = day.add({ days });
    for (let at = day.epochMilliseconds; at < next.epochMilliseconds; at += step) {
      if (at >= range.from && at < range.to) ticks.push({ at, isDay: at === day.epochMilliseconds });
    }
    day = next;
  }
  return ticks;
}

function toStretch({ from, to }: { readonly from: string; readonly to: string }): Stretch {
  return { from: ms(from), to: ms(to) };
}

function ms(text: string): number {
  return Temporal.Instant.from(text).epochMilliseconds;
}
