import { ok, pause, serve } from "./kit.ts";
import { products, storeReadMs, type Product } from "./products.ts";

async function read(isWanted: (product: Product) => boolean): Promise<readonly Product[]> {
  const found = products.filter(isWanted);
  await pause(storeReadMs);
  return found;
}

serve({
  "GET /products": async () => ok({ products: await read(() => true) }),
  "GET /products/:id": async ({ path }) => {
    const [found] = await read((product) => product.id === path["id"]);
    return found === undefined ? { status: 404, body: { error: "no such product" } } : ok(found);
  },
});
