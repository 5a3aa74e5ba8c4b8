import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const root = new URL("../../../shared/data/", import.meta.url);

/** Reason to skip a suite that judges shared data, or false when the data is there. */
export function skipWithout(folder: string): string | false {
  return existsSync(new URL(folder, root)) ? false : "shared data not beside the repository";
}

/** The text of a file of the shared data, unpacked when it is packed. */
export function readShared(path: string): string {
  const bytes = readFileSync(new URL(path, root));
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** Local ms of `20260103T010000`, `20260103T010000Z` or `20260103`. */
export function localMsOfStamp(stamp: string): number {
  const part = (from: number, to: number): number => Number(stamp.slice(from, to) || "0");
  return new Temporal.PlainDateTime(
    part(0, 4),
    part(4, 6),
    part(6, 8),
    part(9, 11),
    part(11, 13),
    part(13, 15),
  ).toZonedDateTime("UTC").epochMilliseconds;
}

/** The other way round: `20260103T010000`. */
export function stampOfLocalMs(localMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(localMs).toString({ smallestUnit: "second" }).replaceAll(/[-:Z]/g, "");
}
