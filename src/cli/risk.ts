import { risks, type Risk } from "#core/calendar/advice/risk.ts";
import { usage } from "./exit.ts";

export function parseRisk(text: string): Risk {
  const risk = risks.find((known) => known === text);
  if (risk === undefined) throw usage(`--risk takes ${risks.join(" or ")}, not "${text}".`);
  return risk;
}
