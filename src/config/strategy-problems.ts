import { itemsOf, type JsonObject, member } from "#config/json.ts";
import type { FieldProblem } from "#config/problem.ts";

/** What a strategy says that contradicts itself. */
export function strategyProblems(spec: JsonObject): readonly FieldProblem[] {
  return [...settingProblems(spec), ...sharesProblems(spec), ...timeProblems(spec)];
}

/** Settings belong to one method; elsewhere they would have no effect, and somebody would believe that they have. */
const methodOfSetting = { cohort: "canary", sessions: "blue-green", holdSeconds: "blue-green" } as const;

/** One step from nothing to everything. */
const inOneStep: readonly string[] = ["blue-green", "replica-switch-over", "stop-start"];

function settingProblems(spec: JsonObject): readonly FieldProblem[] {
  const method = methodIn(spec);
  const problems: FieldProblem[] = [];
  for (const [setting, owner] of Object.entries(methodOfSetting)) {
    if (member(spec, setting) === undefined || method === owner) continue;
    problems.push({
      at: ["spec", setting],
      code: "bad-value",
      message: `${setting} has no effect with the method ${method}.`,
      remedy: `Leave it out, or write method: ${owner}.`,
    });
  }
  const [idle, drain] = [
    member(member(spec, "sessions"), "idleSeconds"),
    member(member(spec, "sessions"), "drainSeconds"),
  ];
  if (typeof idle === "number" && typeof drain === "number" && drain < idle) {
    problems.push({
      at: ["spec", "sessions", "drainSeconds"],
      code: "wrong-order",
      message: `Sessions would be waited for ${drain} s, and only after ${idle} s of silence one has ended.`,
      remedy: "Let drainSeconds be at least idleSeconds.",
    });
  }
  return problems;
}

function methodIn(spec: JsonObject): string {
  const method = member(spec, "method");
  return typeof method === "string" ? method : "canary";
}

function sharesProblems(spec: JsonObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const stages = itemsOf(member(spec, "stages"));
  const method = methodIn(spec);
  const hasCohort = member(spec, "cohort") !== undefined;
  if (inOneStep.includes(method) && stages.length > 1) {
    const message = `The method ${method} goes from 0 to 100 % in one step and has one stage.`;
    problems.push({ at: ["spec", "stages", 1], code: "bad-value", message, remedy: "Keep the stage of 100 % only." });
  }
  let before: number | null = null;
  for (const [index, item] of stages.entries()) {
    const at = ["spec", "stages", index, "percent"];
    const percent = member(item, "percent");
    if (typeof percent !== "number") continue;
    const isCohortStage = index === 0 && hasCohort;
    if (percent === 0 && !isCohortStage) {
      const message = "A stage of 0 % shows nothing: nobody meets the new version.";
      const remedy = "Name a cohort for the first stage of a canary, or give the stage a share.";
      problems.push({ at, code: "bad-value", message, remedy });
    } else if (before !== null && percent <= before) {
      const message = `The share ${percent} % is not above the ${before} % before it.`;
      problems.push({ at, code: "wrong-order", message, remedy: "Let the shares rise." });
    }
    if (index === stages.length - 1 && percent !== 100) {
      const message = `The last stage has ${percent} %, so the rollout never ends.`;
      problems.push({ at, code: "bad-value", message, remedy: "End with percent: 100." });
    }
    before = percent;
  }
  return problems;
}

function timeProblems(spec: JsonObject): readonly FieldProblem[] {
  return itemsOf(member(spec, "stages")).flatMap((item, index) => {
    const [least, most] = [member(item, "minSeconds"), member(item, "maxSeconds")];
    if (typeof least !== "number" || typeof most !== "number" || most >= least) return [];
    const at = ["spec", "stages", index, "maxSeconds"];
    const message = "maxSeconds is less than minSeconds.";
    return [{ at, code: "wrong-order", message, remedy: "Give the stage more time." }];
  });
}
