import { ok, serve, setting } from "./kit.ts";

const texts: Readonly<Record<string, string>> = {
  home: "Lanterns that outlast the night.",
  kitchen: "Two mugs for the price of one.",
  clothing: "Wool, washed by the sea.",
  travel: "Bags that have seen more than you.",
};

// What is new in this version is its defect: whoever asks is told how the process was set up. The smoke test asks for
// advertisements and finds them; the security control of the catalogue asks for this.
serve({
  "GET /ads": ({ query }) => ok({ text: texts[query.get("category") ?? ""] ?? "Everything for the long way home." }),
  "GET /debug/settings": () => ok({ version: setting("VERSION", ""), program: setting("PROGRAM", "") }),
});
