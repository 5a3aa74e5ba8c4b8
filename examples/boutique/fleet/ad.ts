import { ok, serve, setting } from "./kit.ts";

const texts: ReadonlyMap<string, string> = new Map([
  ["home", "Lanterns that outlast the night."],
  ["kitchen", "Two mugs for the price of one."],
  ["clothing", "Wool, washed by the sea."],
  ["travel", "Bags that have seen more than you."],
]);
const otherwise = setting("OTHERWISE", "Everything for the long way home.");

serve({
  "GET /ads": ({ query }) => ok({ text: texts.get(query.get("category") ?? "") ?? otherwise }),
});
