import { dayMs } from "#core/calendar/civil.ts";

/**
 * The offsets of one IANA zone as plain numbers, read from the zone data of this process and kept. Asking Temporal for
 * every occurrence would cost a thousand times more. The memo changes nothing that a caller can see.
 */
export interface Zone {
  readonly name: string;
  /** Offset from UTC in ms that is in force at an epoch ms. */
  readonly offsetAt: (epochMs: number) => number;
  /** The instants at which clocks in the zone show a local ms, and the clock change that it meets if it is not one. */
  readonly readingsOf: (localMs: number) => Readings;
  /** The one instant of a local ms, or null when there is none or more than one: the short way for most readings. */
  readonly onlyInstantOf: (localMs: number) => number | null;
}

/**
 * `first` and `last` differ in an overlap. In a gap both are the instant of the jump and `gap` is true;
 * `byOffsetBefore` is what RFC 5545 takes for a point in time: the reading with the offset from before the change.
 */
export interface Readings {
  readonly first: number;
  readonly last: number;
  readonly gap: boolean;
  readonly byOffsetBefore: number;
}

/** Segment i lies in [starts[i], starts[i + 1]) and has offsets[i]; the table is trusted in [from, to). */
interface Table {
  readonly from: number;
  readonly to: number;
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
  /** Local ms in [soleFrom[i], soleTo[i]) belong to segment i and to no other. */
  readonly soleFrom: readonly number[];
  readonly soleTo: readonly number[];
}

/** Zones that are kept; IANA has about 600 names, and the same name in other letter case counts again. */
const maxZonesKept = 1_024;

/** No zone was ever further than this from UTC, and no clock change moved further (a lost or doubled day). */
const reachMs = 2 * dayMs;

/** How far a table is read around the first question, and grown by afterwards. */
const tableSpanMs = 8 * 365 * dayMs;

const maxEpochMs = 8.64e15;

const zones = new Map<string, Zone>();

/** Letters first, so that bare offsets and bracketed date-times, which Temporal also takes for zones, are not. */
const zoneNamePattern = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

/** True when the name is an IANA zone that the zone data of this process knows; offsets such as `+01:00` are not. */
export function isKnownZone(name: string): boolean {
  return zoneOf(name) !== null;
}

/** The zone of a name, or null when the zone data of this process does not know it. */
export function zoneOf(name: string): Zone | null {
  const kept = zones.get(name);
  if (kept !== undefined) return kept;
  if (name.length > 64 || !zoneNamePattern.test(name) || !isInZoneData(name)) return null;
  if (zones.size >= maxZonesKept) zones.clear();
  const zone = readZone(name);
  zones.set(name, zone);
  return zone;
}

function isInZoneData(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readZone(name: string): Zone {
  let table: Table | null = null;
  let hint = 0;
  const tableFor = (ms: number): Table => {
    if (table === null || ms - reachMs < table.from || ms + reachMs >= table.to) {
      table = readTable(
        name,
        Math.min(ms - tableSpanMs, table?.from ?? ms),
        Math.max(ms + tableSpanMs, table?.to ?? ms),
      );
      hint = 0;
    }
    return table;
  };
  const onlyInstantOf = (localMs: number): number | null => {
    const { soleFrom, soleTo, offsets, starts } = tableFor(localMs);
    if (!(localMs >= (soleFrom[hint] ?? 0) && localMs < (soleTo[hint] ?? 0))) {
      hint = segmentAt(starts, localMs - (offsets[hint] ?? 0));
      if (!(localMs >= (soleFrom[hint] ?? 0) && localMs < (soleTo[hint] ?? 0))) return null;
    }
    return localMs - (offsets[hint] ?? 0);
  };
  return {
    name,
    offsetAt: (epochMs) => {
      const { starts, offsets } = tableFor(epochMs);
      return offsets[segmentAt(starts, epochMs)] ?? 0;
    },
    onlyInstantOf,
    readingsOf: (localMs) => {
      const only = onlyInstantOf(localMs);
      if (only !== null) return { first: only, last: only, gap: false, byOffsetBefore: only };
      return findReadings(tableFor(localMs), localMs);
    },
  };
}

/** The last segment that starts at or before an epoch ms. */
function segmentAt(starts: readonly number[], epochMs: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= epochMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

function findReadings({ starts, offsets }: Table, localMs: number): Readings {
  const found: number[] = [];
  let jump: { at: number; before: number } | null = null;
  const last = segmentAt(starts, localMs + reachMs);
  for (let i = segmentAt(starts, localMs - reachMs); i <= last; i++) {
    const start = starts[i] ?? 0;
    const end = starts[i + 1] ?? Number.POSITIVE_INFINITY;
    const offset = offsets[i] ?? 0;
    const at = localMs - offset;
    if (at >= start && at < end) found.push(at);
    const isInGapAfter = at >= end && localMs < end + (offsets[i + 1] ?? 0);
    if (isInGapAfter) jump = { at: end, before: at };
  }
  const first = found[0];
  const latest = found.at(-1);
  if (first !== undefined && latest !== undefined) return { first, last: latest, gap: false, byOffsetBefore: first };
  if (jump === null) throw new Error(`no reading and no gap at local ms ${localMs}`);
  return { first: jump.at, last: jump.at, gap: true, byOffsetBefore: jump.before };
}

function readTable(name: string, from: number, to: number): Table {
  const begin = Math.max(from, -maxEpochMs);
  const end = Math.min(to, maxEpochMs);
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(begin).toZonedDateTimeISO(name);
  const starts: number[] = [Number.NEGATIVE_INFINITY];
  const offsets: number[] = [offsetMsOf(at)];
  while (at !== null && at.epochMilliseconds < end) {
    at = at.getTimeZoneTransition("next");
    if (at !== null && offsetMsOf(at) !== offsets.at(-1)) {
      starts.push(at.epochMilliseconds);
      offsets.push(offsetMsOf(at));
    }
  }
  return {
    from: begin <= -maxEpochMs ? -Infinity : begin,
    to: end >= maxEpochMs ? Infinity : end,
    starts,
    offsets,
    ...soleRanges(starts, offsets),
  };
}

function offsetMsOf(at: Temporal.ZonedDateTime): number {
  return Math.round(at.offsetNanoseconds / 1_000_000);
}

/** Neighbours up to three segments away are looked at: some zones changed twice within days. */
function soleRanges(starts: readonly number[], offsets: readonly number[]): Pick<Table, "soleFrom" | "soleTo"> {
  const soleFrom: number[] = [];
  const soleTo: number[] = [];
  const edge = (i: number, choose: (...values: number[]) => number): number =>
    (starts[i] ?? 0) + choose(offsets[i - 1] ?? 0, offsets[i] ?? 0);
  for (let i = 0; i < starts.length; i++) {
    let from = Number.NEGATIVE_INFINITY;
    let to = Number.POSITIVE_INFINITY;
    for (let j = Math.max(1, i - 2); j <= i; j++) from = Math.max(from, edge(j, Math.max));
    for (let j = i + 1; j <= Math.min(starts.length - 1, i + 3); j++) to = Math.min(to, edge(j, Math.min));
    soleFrom.push(from);
    soleTo.push(to);
  }
  return { soleFrom, soleTo };
}
