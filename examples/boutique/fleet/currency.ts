import { ok, serve, setting } from "./kit.ts";

/** Units per euro. */
const rates: ReadonlyMap<string, number> = new Map([
  ["EUR", 1],
  ["USD", 1.09],
  ["JPY", 162.4],
  ["GBP", 0.85],
  ...(setting("MORE", "") === "CHF" ? ([["CHF", 0.96]] as const) : []),
]);

serve({
  "GET /currencies": () => ok({ currencies: [...rates.keys()] }),
  "GET /convert": ({ query }) => {
    const from = rates.get(query.get("from") ?? "");
    const to = rates.get(query.get("to") ?? "");
    const cents = Number(query.get("cents"));
    if (from === undefined || to === undefined || !Number.isFinite(cents)) {
      return { status: 400, body: { error: "from, to and cents" } };
    }
    return ok({ cents: Math.round((cents / from) * to) });
  },
});
