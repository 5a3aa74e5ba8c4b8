import { list, need, ok, serve, setting, text } from "./kit.ts";

const wanted = Number(setting("COUNT", "3"));
/** `cold` is the defect of 1.2.0: it waits for a model that nobody delivers and never gets ready. */
const model = setting("MODEL", "warm");

serve(
  {
    "GET /recommendations": async ({ query }) => {
      const product = query.get("product") ?? "";
      const known = list((await need("productcatalog", "GET", "/products"))["products"]).map((each) =>
        text(each["id"]),
      );
      const others = known.filter((id) => id !== product);
      if (others.length < wanted) throw new Error(`only ${others.length} products to choose from`);
      // Starts at a place that depends on the product, so that not everybody is shown the same.
      const start = Array.from(product).reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % others.length;
      return ok({ products: [...others.slice(start), ...others.slice(0, start)].slice(0, wanted) });
    },
  },
  () => model === "warm",
);
