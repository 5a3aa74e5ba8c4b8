import { count, list, need, ok, serve, text } from "./kit.ts";

async function itemsOf(user: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return list((await need("redis-cart", "GET", `/keys/${user}`))["value"]);
}

serve({
  "GET /carts/:user": async ({ path }) => ok({ items: await itemsOf(path["user"] ?? "") }),
  "POST /carts/:user/items": async ({ path, body }) => {
    const user = path["user"] ?? "";
    const added = { product: text(body["product"]), quantity: count(body["quantity"]) };
    if (added.product === "" || added.quantity < 1) return { status: 400, body: { error: "product and quantity" } };
    const items = [...(await itemsOf(user)), added];
    await need("redis-cart", "PUT", `/keys/${user}`, { value: items });
    return ok({ items });
  },
  "DELETE /carts/:user": async ({ path }) => ok(await need("redis-cart", "DELETE", `/keys/${path["user"]}`)),
});
