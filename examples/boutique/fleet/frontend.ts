import { ask, count, fields, list, need, ok, serve, setting, text, type Answer } from "./kit.ts";

/** 1.1.0 shows the shipping costs in the cart. */
const showsShipping = setting("SHIPPING_IN_CART", "off") === "on";

/** For what a page can do without: null when the neighbour fails. */
async function optional(pending: Promise<Answer>): Promise<unknown> {
  const answer = await pending.catch(() => null);
  return answer?.status === 200 ? answer.body : null;
}

serve({
  "GET /": async () => {
    const [catalogue, ad] = await Promise.all([
      need("productcatalog", "GET", "/products"),
      optional(ask("ad", "GET", "/ads")),
    ]);
    return ok({ products: list(catalogue["products"]), ad });
  },
  "GET /product/:id": async ({ path, query }) => {
    const id = path["id"] ?? "";
    const currency = query.get("currency") ?? "EUR";
    const [product, recommended] = await Promise.all([
      need("productcatalog", "GET", `/products/${id}`),
      optional(ask("recommendation", "GET", `/recommendations?product=${id}`)),
    ]);
    const [price, ad] = await Promise.all([
      need("currency", "GET", `/convert?from=EUR&to=${currency}&cents=${count(product["cents"])}`),
      optional(ask("ad", "GET", `/ads?category=${text(product["category"])}`)),
    ]);
    return ok({
      product,
      price: { currency, cents: price["cents"] },
      recommended: fields(recommended)["products"],
      ad,
    });
  },
  "POST /cart": async ({ body }) => {
    const { product, quantity } = body;
    return ok(await need("cart", "POST", `/carts/${text(body["user"])}/items`, { product, quantity }));
  },
  "GET /cart/:user": async ({ path }) => {
    const cart = await need("cart", "GET", `/carts/${path["user"]}`);
    if (!showsShipping) return ok(cart);
    const quote = await need("shipping", "POST", "/quotes", { items: list(cart["items"]) });
    return ok({ ...cart, shipping: quote });
  },
  "POST /checkout": ({ body }) => ask("checkout", "POST", "/orders", body),
});
