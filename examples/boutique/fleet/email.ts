import { ok, serve, setting, text } from "./kit.ts";

/** Mails that can be looked up; older ones are forgotten. */
const keptMails = 2_000;
const greeting = setting("GREETING", "Hello");
const mails = new Map<string, { readonly to: string; readonly subject: string; readonly body: string }>();

serve({
  "POST /mails": ({ body }) => {
    const order = text(body["order"]);
    const to = text(body["to"]);
    if (order === "" || !to.includes("@")) return { status: 400, body: { error: "order and to" } };
    mails.set(order, { to, subject: `Your order ${order}`, body: `${greeting}, your order is on its way.` });
    const [oldest] = mails.keys();
    if (mails.size > keptMails && oldest !== undefined) mails.delete(oldest);
    return ok({ queued: true });
  },
  "GET /mails/:order": ({ path }) => {
    const found = mails.get(path["order"] ?? "");
    return found === undefined ? { status: 404, body: { error: "no such mail" } } : ok(found);
  },
});
