import { ok, serve } from "./kit.ts";

/** Keys that are kept; the one written longest ago makes room for a new one. */
const limit = Number(process.env["KEYS"] ?? "5000");
const values = new Map<string, unknown>();

serve({
  "GET /keys/:key": ({ path }) => ok({ value: values.get(path["key"] ?? "") ?? null }),
  "PUT /keys/:key": ({ path, body }) => {
    const key = path["key"] ?? "";
    values.delete(key);
    values.set(key, body["value"] ?? null);
    const [oldest] = values.keys();
    if (values.size > limit && oldest !== undefined) values.delete(oldest);
    return ok({ keys: values.size });
  },
  "DELETE /keys/:key": ({ path }) => ok({ deleted: values.delete(path["key"] ?? "") }),
});
