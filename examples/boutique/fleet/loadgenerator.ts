import { ask, ok, pause, serve, setting } from "./kit.ts";
import { products } from "./products.ts";

const ordersPerSecond = Number(setting("ORDERS_PER_SECOND", "14"));
/** Customers who shop at the same time; an order that finds nobody free is dropped, so a slow shop is not flooded. */
const customers = 60;
/** Nobody answered for this long: whoever ran the shop is gone, and so is the reason to go on. */
const givesUpAfterMs = 20_000;
const tally = { placed: 0, failed: 0, dropped: 0 };
let busy = 0;
let answeredAtMs = performance.now();

/** Numbers in [0, 1) that are the same in every run with the same seed (mulberry32). */
let seed = Number(setting("SEED", "4711"));
function next(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

/** Lines of a cart: 40 % have one, 35 % two, 17 % three, 8 % four. */
function lines(): number {
  const chance = next();
  if (chance < 0.4) return 1;
  if (chance < 0.75) return 2;
  return chance < 0.92 ? 3 : 4;
}

async function visit(method: string, path: string, body?: unknown): Promise<boolean> {
  const answer = await ask("frontend", method, path, body).catch(() => null);
  if (answer !== null) answeredAtMs = performance.now();
  return answer?.status === 200;
}

/** One customer: looks at products, puts them into the cart, orders. */
async function shop(number: number): Promise<boolean> {
  const user = `user-${process.pid}-${number}`;
  const first = Math.floor(next() * products.length);
  const wanted = lines();
  const currency = ["EUR", "USD", "GBP"][Math.floor(next() * 3)];
  for (let line = 0; line < wanted; line += 1) {
    const product = products[(first + line) % products.length]?.id;
    if (!(await visit("GET", `/product/${product}?currency=${currency}`))) return false;
    const quantity = 1 + Math.floor(next() * 3);
    if (!(await visit("POST", "/cart", { user, product, quantity }))) return false;
  }
  const order = { user, order: `ord-${user}`, email: `${user}@example.org`, card: "4111111111111111", currency };
  return visit("POST", "/checkout", order);
}

async function run(): Promise<void> {
  let due = performance.now();
  for (let number = 0; performance.now() - answeredAtMs < givesUpAfterMs; number += 1) {
    due += 1000 / ordersPerSecond;
    await pause(Math.max(0, due - performance.now()));
    if (busy >= customers) {
      tally.dropped += 1;
      continue;
    }
    busy += 1;
    void shop(number)
      .then((done) => (tally[done ? "placed" : "failed"] += 1))
      .finally(() => (busy -= 1));
  }
  process.exit(0);
}

serve({ "GET /tally": () => ok({ ...tally, busy }) });
void run();
