import { count, list, need, ok, serve, text } from "./kit.ts";

interface Item {
  readonly product: string;
  readonly quantity: number;
}

async function itemsOf(user: string): Promise<readonly Item[]> {
  const stored = list((await need("redis-cart", "GET", `/keys/${user}`))["value"]);
  return stored.map((item) => ({ product: text(item["product"]), quantity: count(item["quantity"]) }));
}

/** One line per product: adding a product again raises its quantity. */
function add(items: readonly Item[], added: Item): readonly Item[] {
  const known = items.find((item) => item.product === added.product);
  if (known === undefined) return [...items, added];
  const raised = { ...known, quantity: known.quantity + added.quantity };
  return items.map((item) => (item === known ? raised : item));
}

serve({
  "GET /carts/:user": async ({ path }) => ok({ items: await itemsOf(path["user"] ?? "") }),
  "POST /carts/:user/items": async ({ path, body }) => {
    const user = path["user"] ?? "";
    const added = { product: text(body["product"]), quantity: count(body["quantity"]) };
    if (added.product === "" || added.quantity < 1) return { status: 400, body: { error: "product and quantity" } };
    const items = add(await itemsOf(user), added);
    await need("redis-cart", "PUT", `/keys/${user}`, { value: items });
    return ok({ items });
  },
  "DELETE /carts/:user": async ({ path }) => ok(await need("redis-cart", "DELETE", `/keys/${path["user"]}`)),
});
