import { count, list, need, ok, serve, text } from "./kit.ts";

serve({
  "POST /orders": async ({ body }) => {
    const user = text(body["user"]);
    const order = text(body["order"]);
    if (user === "" || order === "") return { status: 400, body: { error: "user and order" } };
    const items = list((await need("cart", "GET", `/carts/${user}`))["items"]);
    if (items.length === 0) return { status: 409, body: { error: "the cart is empty" } };
    const lines = await Promise.all(
      items.map(async (item) => {
        const product = await need("productcatalog", "GET", `/products/${text(item["product"])}`);
        return count(product["cents"]) * count(item["quantity"]);
      }),
    );
    const shipping = count((await need("shipping", "POST", "/quotes", { items }))["cents"]);
    const sum = lines.reduce((total, cents) => total + cents, shipping);
    const currency = text(body["currency"]) || "EUR";
    const { cents } = await need("currency", "GET", `/convert?from=EUR&to=${currency}&cents=${sum}`);
    const paid = await need("payment", "POST", "/charges", { order, cents, card: body["card"] });
    const shipped = await need("shipping", "POST", "/shipments", { order });
    await Promise.all([
      need("email", "POST", "/mails", { order, to: body["email"] }),
      need("cart", "DELETE", `/carts/${user}`),
    ]);
    return ok({ order, cents, currency, charge: paid["charge"], tracking: shipped["tracking"] });
  },
});
