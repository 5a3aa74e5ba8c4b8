import { candidates, indexOf } from "#core/calendar/rule-index.ts";
import { subjectOf } from "#core/calendar/timetable-view.ts";
import { windowMatches } from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import { changeActions, changeClasses, invokers, matchesGlob, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Service } from "#core/catalog/service.ts";

/** A service in an environment that a window lets act, as the change that the window is about. */
export interface WindowPlace {
  readonly environment: Environment;
  readonly service: Service;
  readonly subject: ScopeSubject;
}

/** The places of every window that has any. A window for other changes than an ordinary one is asked for such a change. */
export function placesOfWindows(
  windows: readonly Window[],
  environments: readonly Environment[],
  services: readonly Service[],
): ReadonlyMap<Window, readonly WindowPlace[]> {
  const index = indexOf(windows);
  const found = new Map<Window, WindowPlace[]>();
  for (const environment of environments) {
    for (const service of services) {
      const ordinary = subjectOf({ environment, service, unit: null });
      for (const window of candidates(index, ordinary)) {
        const subject = changeFor(window, ordinary);
        if (!windowMatches(window, subject)) continue;
        const places = found.get(window);
        if (places === undefined) found.set(window, [{ environment, service, subject }]);
        else places.push({ environment, service, subject });
      }
    }
  }
  return found;
}

function changeFor({ scope }: Window, ordinary: ScopeSubject): ScopeSubject {
  const { classes, actions, invokers: who } = scope;
  if (classes === undefined && actions === undefined && who === undefined) return ordinary;
  return {
    ...ordinary,
    class: firstNamed(classes, ordinary.class, changeClasses),
    action: firstNamed(actions, ordinary.action, changeActions),
    invoker: firstNamed(who, ordinary.invoker, invokers),
  };
}

/** The usual word where the globs name it, else the first that they do. */
function firstNamed<Word extends string>(
  globs: readonly string[] | undefined,
  usual: Word,
  all: readonly Word[],
): Word {
  const isNamed = (word: Word): boolean => globs === undefined || globs.some((glob) => matchesGlob(glob, word));
  return isNamed(usual) ? usual : (all.find(isNamed) ?? usual);
}
