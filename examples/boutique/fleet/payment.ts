import { count, ok, serve, setting, text } from "./kit.ts";

/** Charges that can be looked up; older ones are forgotten. */
const keptCharges = 2_000;
/** `forgetful` is the defect of 1.2.0: every charge is answered with success and none is booked. */
const booking = setting("BOOKING", "on");
const charges = new Map<string, { readonly order: string; readonly cents: number; readonly state: string }>();

/** The check digit of card numbers (ISO/IEC 7812-1, annex B). */
function isCard(digits: string): boolean {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return /^\d{12,19}$/.test(digits) && sum % 10 === 0;
}

serve({
  "POST /charges": ({ body }) => {
    const order = text(body["order"]);
    const cents = count(body["cents"]);
    if (order === "" || cents <= 0) return { status: 400, body: { error: "order and cents" } };
    if (!isCard(text(body["card"]))) return { status: 402, body: { error: "card declined" } };
    if (booking === "on") charges.set(order, { order, cents, state: "captured" });
    const [oldest] = charges.keys();
    if (charges.size > keptCharges && oldest !== undefined) charges.delete(oldest);
    return ok({ charge: `chg-${order}` });
  },
  "GET /charges/:order": ({ path }) => {
    const found = charges.get(path["order"] ?? "");
    return found === undefined ? { status: 404, body: { error: "no such charge" } } : ok(found);
  },
});
