import { z } from "zod";
import { instant, version } from "#contract/common.ts";
import { lenient } from "#web/ui/lenient.ts";

/** What is asked of a wave plan, all of it in the URL. */
export const wavePlanSearch = z.object({
  version: lenient(version),
  /** That of the service when left out. */
  risk: lenient(z.enum(["low", "high"])),
  /** Regions with commas between them, in another order than the plan's. */
  order: lenient(z.string().max(2000)),
  notBefore: lenient(instant),
  /** `open`: the dialog that begins the waves. */
  start: lenient(z.literal("open")),
});
export type WavePlanSearch = z.output<typeof wavePlanSearch>;

/** The order of the regions that the address asks for, where it names each of them once; else that of the plan. */
export function orderOf(regions: readonly string[], order: string | undefined): readonly string[] {
  const asked = order?.split(",") ?? [];
  const isWhole = asked.length === regions.length && regions.every((name) => asked.includes(name));
  return isWhole ? asked : regions;
}

/** The order as the address has it; the plan's own is left out. */
export function orderText(regions: readonly string[], order: readonly string[]): string | undefined {
  return order.every((name, place) => name === regions[place]) ? undefined : order.join(",");
}

/** One place earlier (-1) or later (1); at the ends nothing moves. */
export function moved(order: readonly string[], name: string, by: -1 | 1): readonly string[] {
  const from = order.indexOf(name);
  const to = from + by;
  if (from < 0 || to < 0 || to >= order.length) return order;
  return order.with(from, order[to] ?? name).with(to, name);
}
