import { count, list, ok, serve, setting, text } from "./kit.ts";

const centsPerParcel = Number(setting("PARCEL_CENTS", "490"));
const centsPerPiece = Number(setting("PIECE_CENTS", "60"));

serve({
  "POST /quotes": ({ body }) => {
    const pieces = list(body["items"]).reduce((sum, item) => sum + count(item["quantity"]), 0);
    return ok({ cents: pieces === 0 ? 0 : centsPerParcel + centsPerPiece * pieces });
  },
  "POST /shipments": ({ body }) => {
    const order = text(body["order"]);
    return order === "" ? { status: 400, body: { error: "order" } } : ok({ tracking: `trk-${order}` });
  },
});
