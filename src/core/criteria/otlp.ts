/** A number of OTLP in JSON: 64-bit integers come as text. */
type Wide = string | number;

/** What is read of OTLP's JSON (opentelemetry-proto 1.x, `metrics.proto` and `logs.proto`); everything else is passed over. */
export interface OtlpAttribute {
  readonly key: string;
  readonly value?: OtlpValue | undefined;
}

export interface OtlpValue {
  readonly stringValue?: string | undefined;
  readonly intValue?: Wide | undefined;
  readonly doubleValue?: number | undefined;
  readonly boolValue?: boolean | undefined;
}

export interface OtlpPoint {
  readonly attributes?: readonly OtlpAttribute[] | undefined;
  readonly startTimeUnixNano?: Wide | undefined;
  readonly timeUnixNano?: Wide | undefined;
  readonly asDouble?: Wide | undefined;
  readonly asInt?: Wide | undefined;
  /** Of a histogram. */
  readonly count?: Wide | undefined;
  readonly sum?: Wide | undefined;
}

interface OtlpSums {
  readonly dataPoints?: readonly OtlpPoint[] | undefined;
  /** 1 delta, 2 cumulative. */
  readonly aggregationTemporality?: number | undefined;
  readonly isMonotonic?: boolean | undefined;
}

export interface OtlpMetric {
  readonly name: string;
  readonly gauge?: { readonly dataPoints?: readonly OtlpPoint[] | undefined } | undefined;
  readonly sum?: OtlpSums | undefined;
  readonly histogram?: OtlpSums | undefined;
  /** Not read: their points are counted as rejected. */
  readonly exponentialHistogram?: { readonly dataPoints?: readonly unknown[] | undefined } | undefined;
  readonly summary?: { readonly dataPoints?: readonly unknown[] | undefined } | undefined;
}

export interface OtlpResource {
  readonly attributes?: readonly OtlpAttribute[] | undefined;
}

export interface OtlpResourceMetrics {
  readonly resource?: OtlpResource | undefined;
  readonly scopeMetrics?: readonly { readonly metrics?: readonly OtlpMetric[] | undefined }[] | undefined;
}

export interface OtlpLog {
  readonly timeUnixNano?: Wide | undefined;
  readonly observedTimeUnixNano?: Wide | undefined;
  readonly severityNumber?: number | undefined;
  readonly body?: OtlpValue | undefined;
  readonly attributes?: readonly OtlpAttribute[] | undefined;
}

export interface OtlpResourceLogs {
  readonly resource?: OtlpResource | undefined;
  readonly scopeLogs?: readonly { readonly logRecords?: readonly OtlpLog[] | undefined }[] | undefined;
}

/** `counter` rises until its process starts anew; `rate` is per second already; a `gauge` is as it is. */
export const pointKinds = ["gauge", "counter", "rate"] as const;
export type PointKind = (typeof pointKinds)[number];

export interface ReceivedPoint {
  readonly service: string;
  readonly environment: string;
  readonly metric: string;
  readonly kind: PointKind;
  /** `version` among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly second: number;
  readonly value: number;
}

export interface ReceivedLog {
  readonly service: string;
  readonly environment: string;
  /** Empty: it did not say. */
  readonly version: string;
  readonly second: number;
  /** Null: no error; it tells that the place is not silent. */
  readonly pattern: string | null;
}

export interface Received<Thing> {
  readonly taken: readonly Thing[];
  readonly rejected: number;
  /** Why the first was rejected; null when none was. */
  readonly why: string | null;
}

/** Text a label keeps. */
const labelCharacters = 200;
const maxLabels = 20;
/** All labels of a series together, as JSON. */
const allLabelsCharacters = 4_000;
const metricCharacters = 200;

class Sieve<Thing> {
  readonly taken: Thing[] = [];
  rejected = 0;
  why: string | null = null;

  add(found: Thing | string): void {
    if (typeof found !== "string") this.taken.push(found);
    else {
      this.rejected += 1;
      this.why ??= found;
    }
  }
}

/** Every point of a request, for the place that its resource names; what cannot be used is counted with its reason. */
export function readMetrics(resources: readonly OtlpResourceMetrics[], nowSecond: number): Received<ReceivedPoint> {
  const sieve = new Sieve<ReceivedPoint>();
  for (const { resource, scopeMetrics = [] } of resources) {
    const place = placeOf(resource);
    for (const metric of scopeMetrics.flatMap(({ metrics = [] }) => metrics)) {
      for (const point of pointsOf(metric)) {
        sieve.add(typeof place === "string" ? place : pointAt(place, metric.name, point, nowSecond));
      }
      for (const unread of unreadOf(metric)) sieve.add(unread);
    }
  }
  return { taken: sieve.taken, rejected: sieve.rejected, why: sieve.why };
}

export function readLogs(resources: readonly OtlpResourceLogs[], nowSecond: number): Received<ReceivedLog> {
  const sieve = new Sieve<ReceivedLog>();
  for (const { resource, scopeLogs = [] } of resources) {
    const place = placeOf(resource);
    for (const record of scopeLogs.flatMap(({ logRecords = [] }) => logRecords)) {
      sieve.add(typeof place === "string" ? place : logAt(place, record, nowSecond));
    }
  }
  return { taken: sieve.taken, rejected: sieve.rejected, why: sieve.why };
}

interface Place {
  readonly service: string;
  readonly environment: string;
  readonly version: string;
}

/** By the semantic conventions of OpenTelemetry; the second name of the environment is the older one. */
function placeOf(resource: OtlpResource | undefined): Place | string {
  // Collectors add dozens of attributes of their machine, and the order of attributes means nothing.
  const read = textsOf(resource?.attributes, resource?.attributes?.length);
  const service = read["service.name"];
  const environment = read["deployment.environment.name"] ?? read["deployment.environment"];
  if (service === undefined) return "the resource has no service.name";
  if (environment === undefined) return "the resource has no deployment.environment.name";
  return { service, environment, version: read["service.version"] ?? "" };
}

function textsOf(attributes: readonly OtlpAttribute[] = [], most = maxLabels): Readonly<Record<string, string>> {
  const texts = attributes.slice(0, most).flatMap(({ key, value }): [string, string][] => {
    const text = value?.stringValue ?? value?.intValue ?? value?.doubleValue ?? value?.boolValue;
    return text === undefined ? [] : [[cut(key, labelCharacters), cut(String(text), labelCharacters)]];
  });
  return Object.fromEntries(texts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A cut may part a character of two halves, and the store holds no half ones. */
function cut(text: string, characters: number): string {
  return text.slice(0, characters).toWellFormed();
}

function unreadOf({ name, exponentialHistogram, summary }: OtlpMetric): readonly string[] {
  const said = (kind: string): string =>
    `${name.slice(0, 50)} is ${kind}, which is not read; send a histogram with explicit buckets`;
  return [
    ...(exponentialHistogram?.dataPoints ?? []).map(() => said("an exponential histogram")),
    ...(summary?.dataPoints ?? []).map(() => said("a summary")),
  ];
}

interface RawPoint {
  readonly suffix: string;
  readonly kind: PointKind | "delta";
  readonly point: OtlpPoint;
  readonly value: Wide | undefined;
}

function pointsOf({ gauge, sum, histogram }: OtlpMetric): readonly RawPoint[] {
  const kindOf = ({ aggregationTemporality, isMonotonic = true }: OtlpSums): RawPoint["kind"] =>
    aggregationTemporality === 1 ? "delta" : isMonotonic ? "counter" : "gauge";
  const valueOf = (point: OtlpPoint): Wide | undefined => point.asDouble ?? point.asInt;
  return [
    ...(gauge?.dataPoints ?? []).map((point) => ({ suffix: "", kind: "gauge" as const, point, value: valueOf(point) })),
    ...(sum?.dataPoints ?? []).map((point) => ({ suffix: "", kind: kindOf(sum ?? {}), point, value: valueOf(point) })),
    ...(histogram?.dataPoints ?? []).flatMap((point) => [
      { suffix: ".count", kind: kindOf(histogram ?? {}), point, value: point.count },
      { suffix: ".sum", kind: kindOf(histogram ?? {}), point, value: point.sum ?? 0 },
    ]),
  ];
}

/** Machines that are kept in time differ by less; what is older than a day helps no judgement. */
const aheadSeconds = 60;
const behindSeconds = 24 * 60 * 60;

function pointAt(place: Place, name: string, raw: RawPoint, nowSecond: number): ReceivedPoint | string {
  const second = secondOf(raw.point.timeUnixNano);
  const late = timeTrouble(second, nowSecond);
  if (late !== null) return late;
  const value = Number(raw.value);
  if (raw.value === undefined || !Number.isFinite(value)) return `${name.slice(0, 50)} has a point that is no number`;
  const metric = `${name}${raw.suffix}`;
  if (metric.length > metricCharacters) return "a metric has a name that is too long";
  const version = place.version === "" ? {} : { version: place.version };
  const { service, environment } = place;
  const labels = { ...textsOf(raw.point.attributes), ...version };
  if (JSON.stringify(labels).length > allLabelsCharacters) return `${metric.slice(0, 50)} has labels that are too long`;
  const common = { service, environment, metric, labels, second };
  if (raw.kind !== "delta") return { ...common, kind: raw.kind, value };
  const seconds = second - secondOf(raw.point.startTimeUnixNano);
  if (!(seconds > 0)) return `${metric} is a delta without the time that it is about`;
  return { ...common, kind: "rate", value: value / seconds };
}

function logAt(place: Place, record: OtlpLog, nowSecond: number): ReceivedLog | string {
  // OTLP says 0 where the time is not known.
  const own = Number(record.timeUnixNano ?? 0) === 0 ? undefined : record.timeUnixNano;
  const second = secondOf(own ?? record.observedTimeUnixNano);
  const late = timeTrouble(second, nowSecond);
  if (late !== null) return late;
  return { ...place, second, pattern: isErrorLog(record) ? patternOf(textOf(record)) : null };
}

/** ERROR and FATAL of OpenTelemetry's data model of logs. */
const leastError = 17;

function isErrorLog({ severityNumber = 0 }: OtlpLog): boolean {
  return severityNumber >= leastError;
}

function textOf({ attributes, body }: OtlpLog): string {
  const type = textsOf(attributes)["exception.type"];
  const text = String(body?.stringValue ?? body?.intValue ?? body?.doubleValue ?? "");
  return type === undefined ? text : `${type}: ${text}`;
}

function secondOf(nano: Wide | undefined): number {
  return Math.floor(Number(nano ?? Number.NaN) / 1e9);
}

function timeTrouble(second: number, nowSecond: number): string | null {
  if (!Number.isFinite(second) || second <= 0) return "a record has no time";
  if (second > nowSecond + aheadSeconds) return `a record is ${second - nowSecond} s ahead of this server`;
  if (second < nowSecond - behindSeconds) return "a record is more than a day old";
  return null;
}

/** A name begins where a word does, so each word is looked through once: `db_password=…`, `Authorization: Basic …`. */
const namedSecret =
  /(?<![\w.-])([\w.-]*(?:authorization|password|passwd|secret|token|api[-_]?key)[\w.-]*["']?\s*[:=]\s*)(?:(?:bearer|basic|digest|token)\s+)?\S+/gi;
/** As an argument: `--token …`. */
const givenSecret = /(?<![\w.-])(--[\w.-]*(?:password|passwd|secret|token|api[-_]?key)[\w.-]*\s+)\S+/gi;

/** A log line is read this far. */
const readCharacters = 2_000;
const patternCharacters = 300;

/**
 * What is the same in errors of one class: of the first line everything that varies, and everything that may be a secret, is
 * replaced. Quoted words, addresses, ids, numbers, long runs of letters and digits, and what stands behind the name of a secret.
 */
export function patternOf(text: string): string {
  const [line = ""] = text.slice(0, readCharacters).split(/[\r\n]/, 1);
  return line
    .replaceAll(namedSecret, "$1*")
    .replaceAll(givenSecret, "$1*")
    .replaceAll(/"[^"]*"|'[^']*'/g, "*")
    .split(/\s+/)
    .map((word) => (word.includes("://") || word.includes("@") ? "*" : word.replaceAll(/[\w+/=.-]+/g, withoutIds)))
    .join(" ")
    .trim()
    .slice(0, patternCharacters)
    .toWellFormed();
}

/** Longer than any word that people write. */
const longestWord = 32;

/** One pass over each word, whatever a line holds. */
function withoutIds(word: string): string {
  if (/\d/.test(word)) return "#";
  return word.length >= longestWord ? "*" : word;
}
