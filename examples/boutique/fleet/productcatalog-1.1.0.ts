import { ok, pause, serve } from "./kit.ts";
import { products, storeReadMs, type Product } from "./products.ts";

// One list for all reads, to spare allocations. It is the defect of this version: a read that begins while another waits
// for the store changes the answer of that other one. One caller at a time never sees it; the traffic of the frontend
// and of recommendation together does.
const page: Product[] = [];

async function read(isWanted: (product: Product) => boolean): Promise<readonly Product[]> {
  page.length = 0;
  for (const product of products) if (isWanted(product)) page.push(product);
  await pause(storeReadMs);
  return page;
}

serve({
  "GET /products": async () => ok({ products: await read(() => true) }),
  "GET /products/:id": async ({ path }) => {
    const [found] = await read((product) => product.id === path["id"]);
    if (found === undefined) return { status: 404, body: { error: "no such product" } };
    if (found.id !== path["id"]) throw new Error(`read ${found.id} for ${path["id"]}`);
    return ok(found);
  },
});
