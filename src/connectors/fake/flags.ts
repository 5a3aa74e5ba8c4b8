import type { FlagKeeper, FlagPlace } from "#connectors/port.ts";
import { err, ok } from "#core/result.ts";

export interface FakeFlags extends FlagKeeper {
  /** Every switch that was asked for, in order, as `flag on`. */
  readonly switched: readonly string[];
  readonly truth: (place: FlagPlace) => boolean | null;
}

const nameOf = ({ project, flag, environment }: FlagPlace): string => `${project}/${flag}/${environment}`;

/** Flags in memory. `lies`: what is switched is told and not done. */
export function fakeFlags(known: ReadonlyMap<string, boolean>, manner: { readonly lies?: boolean } = {}): FakeFlags {
  const states = new Map(known);
  const switched: string[] = [];
  const unknown = ({ flag }: FlagPlace) =>
    err({ code: "unknown-flag", message: `There is no flag ${flag}.`, retry: "never" } as const);
  return {
    id: "fake",
    switched,
    truth: (place) => states.get(nameOf(place)) ?? null,
    read: (place) => {
      const isOn = states.get(nameOf(place));
      return Promise.resolve(isOn === undefined ? unknown(place) : ok({ isOn }));
    },
    switch: ({ isOn, ...place }) => {
      if (!states.has(nameOf(place))) return Promise.resolve(unknown(place));
      switched.push(`${place.flag} ${isOn ? "on" : "off"}`);
      if (manner.lies !== true) states.set(nameOf(place), isOn);
      return Promise.resolve(ok(undefined));
    },
  };
}
