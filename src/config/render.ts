import { isError, type Problem } from "#config/problem.ts";

/** What is shown of a problem; its code may be one that only a newer server knows. */
export interface ShownProblem extends Omit<Problem, "code" | "document"> {
  readonly code: string;
}

/**
 * Problems as text without colours: `file:line:column`, what is wrong, the line with a caret, what to do. The last
 * line counts. Ends with a line break.
 */
export function renderProblems(problems: readonly ShownProblem[]): string {
  const blocks = problems.map(renderProblem);
  return [...blocks, `${countProblems(problems)}\n`].join("\n");
}

function renderProblem({ path, line, column, severity, code, message, excerpt, remedy }: ShownProblem): string {
  const shown = excerpt === "" ? "" : `${excerpt.replace(/^/gm, "    ").replace(/[ \t]+$/gm, "")}\n`;
  return `${path}:${line}:${column}: ${severity}: ${message} [${code}]\n${shown}    ${remedy}\n`;
}

/** `2 errors, 1 warning`, or that nothing is wrong. */
export function countProblems(problems: readonly Pick<Problem, "severity">[]): string {
  const errors = problems.filter(isError).length;
  const warnings = problems.length - errors;
  if (problems.length === 0) return "Nothing is wrong.";
  return [count(errors, "error"), count(warnings, "warning")].filter((part) => part !== "").join(", ");
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The same for programs: one object with counts and all problems. Ends with a line break. */
export function renderProblemsJson(problems: readonly Problem[]): string {
  const errors = problems.filter(isError).length;
  return `${JSON.stringify({ errors, warnings: problems.length - errors, problems }, null, 2)}\n`;
}
