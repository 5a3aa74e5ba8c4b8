import type { Bound, Policy, PolicySettings } from "#core/policy/policy.ts";

/**
 * The numbers of a policy that a bound can name, each with the side on which it is looser. A path is the word of the
 * setting, the name of the item where there are several, and the word of the figure: `evidence.coverage.min`.
 */
export interface Figure {
  readonly path: string;
  readonly value: number;
  /** `least`: a smaller number is looser, as of a minimum; `most`: a greater one is. */
  readonly looser: "least" | "most";
}

/** Every number that the settings name, in the order of the settings. */
export function figuresOf(settings: PolicySettings): readonly Figure[] {
  const { evidence, risk, errorBudget, capacity, emergency } = settings;
  return [
    ...evidence.flatMap(({ kind, min, max }) => [
      ...figure(`evidence.${kind}.min`, min, "least"),
      ...figure(`evidence.${kind}.max`, max, "most"),
    ]),
    ...figure("risk.maxScore", risk?.maxScore ?? null, "most"),
    ...figure("risk.appetite", risk?.appetite ?? null, "most"),
    ...figure("errorBudget.minLeft", errorBudget?.minLeft ?? null, "least"),
    ...capacity.flatMap(({ resource, max }) => figure(`capacity.${resource}`, max, "most")),
    ...figure("emergency.approvals", emergency?.approvals ?? null, "least"),
  ];
}

function figure(path: string, value: number | null, looser: Figure["looser"]): readonly Figure[] {
  return value === null ? [] : [{ path, value, looser }];
}

/** The value inside the bound that lets most through. */
export function loosestWithin(bound: Bound, looser: Figure["looser"]): number {
  return looser === "least" ? bound.least : bound.most;
}

export function isLooser(a: number, b: number, looser: Figure["looser"]): boolean {
  return looser === "least" ? a < b : a > b;
}

/** What the overlays name, as far as it can stand in for a number of the centre. */
export function movesOf(overlays: readonly PolicySettings[]): ReadonlySet<string> {
  return new Set(overlays.flatMap((settings) => figuresOf(settings).map(({ path }) => moveOf(path, settings))));
}

/** A sum of risk by one thing does not stand in for a sum by another: those are two demands. */
function moveOf(path: string, { risk }: PolicySettings): string {
  return path === "risk.appetite" ? `${path} per ${risk?.per ?? ""}` : path;
}

/**
 * What a central policy still demands of those whose overlay names a setting that it bounds: the loosest value inside the
 * bound, never looser. Everything else stays as it was written.
 */
export function movedBy(policy: Policy, named: ReadonlySet<string>): PolicySettings {
  const floors = new Map<string, number>();
  for (const bound of policy.bounds) {
    if (!named.has(moveOf(bound.setting, policy.settings))) continue;
    const own = figuresOf(policy.settings).find(({ path }) => path === bound.setting);
    if (own !== undefined) floors.set(own.path, loosestWithin(bound, own.looser));
  }
  return floors.size === 0 ? policy.settings : withFigures(policy.settings, floors);
}

function withFigures(settings: PolicySettings, floors: ReadonlyMap<string, number>): PolicySettings {
  const at = (path: string, value: number): number => floors.get(path) ?? value;
  const orNull = (path: string, value: number | null): number | null => (value === null ? null : at(path, value));
  const { risk, errorBudget, emergency } = settings;
  return {
    ...settings,
    evidence: settings.evidence.map((demand) => ({
      ...demand,
      min: orNull(`evidence.${demand.kind}.min`, demand.min),
      max: orNull(`evidence.${demand.kind}.max`, demand.max),
    })),
    risk: risk && {
      ...risk,
      maxScore: orNull("risk.maxScore", risk.maxScore),
      appetite: orNull("risk.appetite", risk.appetite),
    },
    errorBudget: errorBudget && { minLeft: at("errorBudget.minLeft", errorBudget.minLeft) },
    capacity: settings.capacity.map(({ resource, max }) => ({ resource, max: at(`capacity.${resource}`, max) })),
    emergency: emergency && { ...emergency, approvals: at("emergency.approvals", emergency.approvals) },
  };
}
