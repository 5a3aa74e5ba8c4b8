import { calendarSearch, type CalendarSearch } from "./search.ts";

/** The address as it was opened: the router takes out what it cannot use before a page sees it. */
const openedAt: string = "location" in globalThis ? globalThis.location.href : "";

/** What a person has written into the address and the calendar cannot use, as `name "value"`. */
export function ignoredIn(address: string): readonly string[] {
  const url = URL.parse(address);
  if (url?.pathname !== "/calendar") return [];
  const used = calendarSearch.parse(Object.fromEntries(url.searchParams));
  return [...url.searchParams]
    .filter(([name]) => isPart(name) && used[name] === undefined)
    .map(([name, value]) => `${name} "${value.slice(0, 40)}"`);
}

export function ignoredWhenOpened(): readonly string[] {
  return ignoredIn(openedAt);
}

function isPart(name: string): name is keyof CalendarSearch {
  return name in calendarSearch.shape;
}

/** The search without names that the catalog does not have, and what was left out. */
export function withKnownNames(
  search: CalendarSearch,
  environments: readonly string[],
  services: readonly string[],
): { readonly search: CalendarSearch; readonly unknown: readonly string[] } {
  const isUnknown = (name: string | undefined, known: readonly string[]): boolean =>
    name !== undefined && !known.includes(name);
  const noEnvironment = isUnknown(search.environment, environments);
  const noService = isUnknown(search.service, services);
  return {
    search: {
      ...search,
      ...(noEnvironment ? { environment: undefined } : {}),
      ...(noService ? { service: undefined } : {}),
    },
    unknown: [
      ...(noEnvironment ? [`environment "${search.environment ?? ""}"`] : []),
      ...(noService ? [`service "${search.service ?? ""}"`] : []),
    ],
  };
}
