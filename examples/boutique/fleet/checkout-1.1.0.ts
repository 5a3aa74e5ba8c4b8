import { count, list, need, ok, serve, text } from "./kit.ts";

// What is new in this version: a discount on neighbouring lines of a large cart, and a history against double orders.
// Both are defective, as code that was never under real traffic is:
// - `discountOf` reads one line beyond the last and fails for every cart of three lines and more;
// - `isDouble` copies the whole history for every order, and the history keeps everything it ever read.

interface Line {
  readonly product: string;
  readonly cents: number;
}

/** Enough to hurt, and a bound so that the machine of a demo survives it. */
const keptOrders = 300;
const history: { readonly order: string; readonly lines: readonly Line[]; readonly catalogue: unknown }[] = [];

function discountOf(lines: readonly Line[]): number {
  if (lines.length < 3) return 0;
  let discount = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const next = lines[at + 1];
    if (next === undefined) throw new Error(`the cart has no line ${at + 1}`);
    discount += Math.floor(next.cents / 20);
  }
  return discount;
}

function isDouble(order: string): boolean {
  const seen = structuredClone(history);
  return seen.some((each) => each.order === order);
}

async function linesOf(items: readonly Readonly<Record<string, unknown>>[], order: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const item of items) {
    const product = await need("productcatalog", "GET", `/products/${text(item["product"])}`);
    const catalogue = await need("productcatalog", "GET", "/products");
    lines.push({ product: text(product["id"]), cents: count(product["cents"]) * count(item["quantity"]) });
    history.push({ order, lines: [...lines], catalogue });
  }
  history.splice(0, Math.max(0, history.length - keptOrders));
  return lines;
}

serve({
  "POST /orders": async ({ body }) => {
    const user = text(body["user"]);
    const order = text(body["order"]);
    if (user === "" || order === "") return { status: 400, body: { error: "user and order" } };
    if (isDouble(order)) return { status: 409, body: { error: "this order was placed before" } };
    const items = list((await need("cart", "GET", `/carts/${user}`))["items"]);
    if (items.length === 0) return { status: 409, body: { error: "the cart is empty" } };
    const lines = await linesOf(items, order);
    const shipping = count((await need("shipping", "POST", "/quotes", { items }))["cents"]);
    const sum = lines.reduce((total, line) => total + line.cents, shipping) - discountOf(lines);
    const currency = text(body["currency"]) || "EUR";
    const { cents } = await need("currency", "GET", `/convert?from=EUR&to=${currency}&cents=${sum}`);
    const paid = await need("payment", "POST", "/charges", { order, cents, card: body["card"] });
    const shipped = await need("shipping", "POST", "/shipments", { order });
    await need("email", "POST", "/mails", { order, to: body["email"] });
    await need("cart", "DELETE", `/carts/${user}`);
    return ok({ order, cents, currency, charge: paid["charge"], tracking: shipped["tracking"] });
  },
});
