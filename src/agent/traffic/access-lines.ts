import { createSocket } from "node:dgram";
import { counters, type Counters } from "#agent/counters.ts";
import { wallMs } from "#runtime/clock.ts";

/** A burst of lines waits here while the process is busy; Linux may give less. */
const receiveBytes = 4 * 1024 * 1024;

/** `tg SERVICE VERSION STATUS TIME`, behind whatever syslog puts before it; milliseconds, or seconds with an `s`. */
const line = /tg ([a-z0-9-]+) (\S+) (-?\d{1,3}) (-?[\d.]+)(s?)\s*$/;

export interface AccessLine {
  readonly service: string;
  readonly version: string;
  readonly status: number;
  readonly tookMs: number;
}

/** One request as a proxy logs it; null for anything else. A caller that hung up has a status below 100 or 499. */
export function readAccessLine(text: string): AccessLine | null {
  const found = line.exec(text);
  if (found === null) return null;
  const [, service = "", version = "", status = "", took = "", seconds] = found;
  const tookMs = Number(took) * (seconds === "s" ? 1000 : 1);
  return Number.isFinite(tookMs) ? { service, version, status: Number(status), tookMs: Math.max(0, tookMs) } : null;
}

export interface AccessLines {
  readonly traffic: (service: string) => Counters["since"];
  readonly close: () => Promise<void>;
}

/**
 * Counts the requests of a proxy in another process, from the lines that it logs by syslog over UDP on loopback: by
 * version and second, with the same buckets as the embedded proxy. A line that is lost is a request less in the counts
 * of its version, never one in those of another.
 */
export async function openAccessLines(port: number, services: readonly string[]): Promise<AccessLines> {
  const counted = new Map(services.map((service) => [service, counters(wallMs)]));
  const socket = createSocket({ type: "udp4", recvBufferSize: receiveBytes });
  socket.on("message", (message) => {
    const seen = readAccessLine(message.toString("latin1"));
    if (seen === null || seen.version === "-") return;
    counted.get(seen.service)?.count(seen.version, seen.tookMs, seen.status >= 500 ? "failed" : "answered");
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", resolve);
  });
  // From here on an error is one of a single line; the next one comes all the same.
  socket.removeAllListeners("error");
  socket.on("error", () => undefined);
  return {
    traffic: (service) => counted.get(service)?.since ?? counters(wallMs).since,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
