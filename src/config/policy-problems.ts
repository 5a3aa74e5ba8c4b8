import { isJsonObject, itemsOf, type Json, type JsonObject, member, type Path, valueAt } from "#config/json.ts";
import { readMoment } from "#config/moment.ts";
import { didYouMean } from "#config/nearest.ts";
import { shorten } from "#config/plain.ts";
import type { FieldProblem } from "#config/problem.ts";
import { readClause } from "#core/policy/clause-variables.ts";

const settingsPath: Path = ["spec", "settings"];

/** What the document alone shows to be contradictory. Reads the spec as it was written. */
export function policyProblems(spec: JsonObject): readonly FieldProblem[] {
  const settings = member(spec, "settings");
  return [
    ...spanProblems(spec),
    ...emptySettings(settings),
    ...evidenceProblems(settings),
    ...repeated(settings, "evidence", "kind"),
    ...repeated(settings, "capacity", "resource"),
    ...repeated(settings, "clauses", "id"),
    ...clauseProblems(settings),
    ...boundProblems(spec, settings),
    ...overlayProblems(spec),
  ];
}

function spanProblems(spec: JsonObject): readonly FieldProblem[] {
  const [from, until] = [member(spec, "from"), member(spec, "until")];
  if (typeof from !== "string" || typeof until !== "string") return [];
  const [starts, ends] = [readMoment(from), readMoment(until)];
  if (!starts.ok || !ends.ok || Temporal.Instant.compare(starts.value, ends.value) < 0) return [];
  const message = "The policy ends at or before it begins, so it is never in force.";
  return [{ at: ["spec", "until"], code: "wrong-order", message, remedy: "Write a later until." }];
}

function emptySettings(settings: Json | undefined): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (isJsonObject(settings) && Object.keys(settings).length === 0) {
    const message = "The policy demands nothing.";
    problems.push({ at: settingsPath, code: "missing-field", message, remedy: "Name at least one setting." });
  }
  const risk = member(settings, "risk");
  if (isJsonObject(risk) && member(risk, "maxScore") === undefined && member(risk, "appetite") === undefined) {
    const message = "risk names neither maxScore nor appetite.";
    problems.push({ at: [...settingsPath, "risk"], code: "missing-field", message, remedy: "Add one of them." });
  }
  return problems;
}

function evidenceProblems(settings: Json | undefined): readonly FieldProblem[] {
  return itemsOf(member(settings, "evidence")).flatMap((item, index): FieldProblem[] => {
    const [min, max] = [member(item, "min"), member(item, "max")];
    if (typeof min !== "number" || typeof max !== "number" || min <= max) return [];
    const message = `No value is at least ${min} and at most ${max}.`;
    const at = [...settingsPath, "evidence", index, "min"];
    return [{ at, code: "contradiction", message, remedy: "Lower min or raise max." }];
  });
}

function repeated(settings: Json | undefined, list: string, key: string): readonly FieldProblem[] {
  const seen = new Set<Json>();
  return itemsOf(member(settings, list)).flatMap((item, index): FieldProblem[] => {
    const name = member(item, key);
    if (typeof name !== "string") return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const message = `${list} names ${shorten(name)} twice.`;
    const remedy = "Put both into one item.";
    return [{ at: [...settingsPath, list, index, key], code: "contradiction", message, remedy }];
  });
}

/** The place inside of the expression is said in words: YAML folds and escapes, so it is no place of the file. */
function clauseProblems(settings: Json | undefined): readonly FieldProblem[] {
  return itemsOf(member(settings, "clauses")).flatMap((item, index): FieldProblem[] => {
    const expression = member(item, "expression");
    if (typeof expression !== "string") return [];
    const read = readClause(expression);
    if (read.ok) return [];
    const { message, line, column } = read.error;
    const at = [...settingsPath, "clauses", index, "expression"];
    const remedy = `Look at line ${line}, column ${column} of the expression.`;
    // An expression of several lines is indented in its document, so that characters cannot be counted.
    const offset = expression.includes("\n") ? {} : { offset: column - 1 };
    return [{ at, ...offset, code: "bad-expression", message, remedy }];
  });
}

/** A name, or nothing where something else was written. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Where the numbers of the settings stand that a bound can name, by their path. */
export function figurePlaces(settings: Json | undefined): ReadonlyMap<string, Path> {
  const places = new Map<string, Path>();
  const add = (name: string, path: Path): void => {
    if (typeof valueAt(settings ?? null, path) === "number") places.set(name, [...settingsPath, ...path]);
  };
  for (const [index, item] of itemsOf(member(settings, "evidence")).entries()) {
    const kind = textOf(member(item, "kind"));
    for (const side of ["min", "max"]) add(`evidence.${kind}.${side}`, ["evidence", index, side]);
  }
  for (const [index, item] of itemsOf(member(settings, "capacity")).entries()) {
    add(`capacity.${textOf(member(item, "resource"))}`, ["capacity", index, "max"]);
  }
  for (const name of ["risk.maxScore", "risk.appetite", "errorBudget.minLeft", "emergency.approvals"]) {
    add(name, name.split("."));
  }
  return places;
}

function boundProblems(spec: JsonObject, settings: Json | undefined): readonly FieldProblem[] {
  const places = figurePlaces(settings);
  const seen = new Set<string>();
  return itemsOf(member(spec, "bounds")).flatMap((bound, index): FieldProblem[] => {
    const at: Path = ["spec", "bounds", index];
    const [setting, least, most] = [member(bound, "setting"), member(bound, "least"), member(bound, "most")];
    if (typeof setting !== "string") return [];
    if (seen.has(setting)) {
      const message = `${shorten(setting)} is bounded twice.`;
      return [{ at: [...at, "setting"], code: "contradiction", message, remedy: "Keep one of the bounds." }];
    }
    seen.add(setting);
    const place = places.get(setting);
    if (place === undefined) return [unknownSetting([...at, "setting"], setting, [...places.keys()])];
    if (typeof least !== "number" || typeof most !== "number") return [];
    if (least > most) {
      const message = `No value is from ${least} to ${most}.`;
      return [{ at: [...at, "least"], code: "contradiction", message, remedy: "Lower least or raise most." }];
    }
    const value = valueAt({ spec }, place);
    if (typeof value !== "number" || (value >= least && value <= most)) return [];
    const message = `What is demanded here, ${value}, lies outside its own bound of ${least} to ${most}.`;
    return [{ at: place, code: "contradiction", message, remedy: "Move the value or the bound." }];
  });
}

function unknownSetting(at: Path, setting: string, known: readonly string[]): FieldProblem {
  const message = `The policy names no number ${shorten(setting)}, so it cannot bound it.`;
  const list = known.length === 0 ? "It names no number at all." : `Its numbers: ${known.join(", ")}.`;
  return { at, code: "unknown-reference", message, remedy: `${list}${didYouMean(setting, known)}` };
}

/** What only the centre may say, and how far the scope of an overlay may reach. */
function overlayProblems(spec: JsonObject): readonly FieldProblem[] {
  if (member(spec, "level") !== "overlay") return [];
  const problems: FieldProblem[] = [];
  if (member(spec, "bounds") !== undefined) {
    const message = "An overlay sets no bounds: it moves inside those of the centre.";
    const remedy = "Remove bounds, or make the policy central.";
    problems.push({ at: ["spec", "bounds"], on: "key", code: "overlay-too-far", message, remedy });
  }
  const owner = member(spec, "owner");
  for (const [index, team] of itemsOf(member(member(spec, "scope"), "teams")).entries()) {
    if (typeof team !== "string" || team === owner) continue;
    const message = `The overlay of ${textOf(owner)} names the team ${shorten(team)}.`;
    const remedy = "Leave teams out: an overlay holds for the services of its owner only.";
    problems.push({ at: ["spec", "scope", "teams", index], code: "overlay-too-far", message, remedy });
  }
  return problems;
}
