import { useEffect, useState } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { span } from "#web/ui/time.ts";

/** Shifts smaller than this are the way of the network, not a demonstration. */
const noticeableShiftMs = 2000;
const readAgainMs = 60_000;

/** This machine's clock in epoch milliseconds, from the two readings of the browser that only rise. */
function machineMs(): number {
  return performance.timeOrigin + performance.now();
}

/** The product's clock: what it says, and how far this machine's lies behind it. */
export const clockQuery = queryOptions({
  queryKey: ["clock"],
  refetchInterval: readAgainMs,
  queryFn: async ({ signal }) => {
    const clock = await answered(api.readClock({ signal }));
    return { ...clock, aheadMs: Temporal.Instant.from(clock.now).epochMilliseconds - machineMs() };
  },
});

/** The product's time, moving on every `everyMs`. Ages and waits on a page are told by it and not by the machine's. */
export function useNow(everyMs: number): Temporal.Instant {
  const { data } = useQuery(clockQuery);
  const [ms, setMs] = useState(machineMs);
  useEffect(() => {
    const timer = setInterval(() => setMs(machineMs()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return Temporal.Instant.fromEpochMilliseconds(Math.round(ms + (data?.aheadMs ?? 0)));
}

/** `2 h 30 min ahead of the real time`; null when the clock is the real one. */
export function shiftText(shiftMs: number): string | null {
  if (Math.abs(shiftMs) < noticeableShiftMs) return null;
  return `${span(Math.abs(shiftMs) / 1000)} ${shiftMs > 0 ? "ahead of" : "behind"} the real time`;
}
