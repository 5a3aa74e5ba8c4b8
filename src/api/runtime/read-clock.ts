import { answer, defineHandler } from "#api/handler.ts";
import { readClock } from "#contract/runtime.ts";

export const readClockHandler = defineHandler(readClock, async ({ clock }, call) =>
  answer(200, {
    now: call.now.toString(),
    shiftMs: clock.shiftMs(),
    settable: clock.settable,
    zoneData: clock.zoneData,
  }),
);
