import { worldIn } from "#cli/calendar/world.ts";
import { readFolder } from "#cli/catalog/read-folder.ts";
import type { AddCommand } from "#cli/command.ts";
import { CommandEnd, exitCodes } from "#cli/exit.ts";
import { printable, renderObject } from "#cli/output.ts";
import { type PolicyCase, policyCase } from "#config/kinds/policy-case.ts";
import { isError } from "#config/problem.ts";
import { renderProblems } from "#config/render.ts";
import { caseHorizonHours, type CaseReport, runCases } from "#config/run-cases.ts";
import { checkSources } from "#config/world.ts";
import type { Span } from "#core/span.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";

export const testCommand: AddCommand = (group, io) => {
  group
    .command("test <dir>")
    .description("Run the cases (kind PolicyCase) of a folder against its policies, without a server")
    .addHelpText(
      "after",
      "\nExits with 1 when a case fails, or when there is none.\n\nExamples:\n  tidegate policy test config/\n  tidegate policy test config/ -o json",
    )
    .action((dir: string) => {
      const cases = casesIn(dir);
      const [first, ...rest] = cases;
      if (first === undefined) {
        throw new CommandEnd(
          exitCodes.error,
          `${dir} holds no case, so nothing was tested. Write documents of kind PolicyCase beside the policies.`,
        );
      }
      const report = runCases(worldIn(dir, spanOf(first, rest)), cases, { hash: sha256Of, zoneData: zoneData() });
      io.write(renderObject(io.format(), report, () => show(report), report.failed === 0 ? "passed" : "failed"));
      const count = `${report.cases.length} ${report.cases.length === 1 ? "case" : "cases"}`;
      io.say(`${count}, ${report.passed} passed, ${report.failed} failed.`);
      if (report.failed > 0) io.setExit(exitCodes.error);
    });
};

/** Every case of the folder; a folder with any error is refused, and every error shown with its place. */
function casesIn(dir: string): readonly PolicyCase[] {
  const { documents, problems } = checkSources(readFolder(dir));
  if (problems.some(isError)) {
    throw new CommandEnd(
      exitCodes.error,
      `The cases in ${dir} cannot be run:\n${renderProblems(problems.filter(isError))}`,
    );
  }
  return documents.flatMap((document) => {
    const decoded = document.kind === policyCase.kind ? policyCase.decode(document) : null;
    return decoded?.ok === true ? [decoded.value] : [];
  });
}

/** Everything that the events of inline calendars must be known for. */
function spanOf(first: PolicyCase, rest: readonly PolicyCase[]): Span {
  let [from, last] = [first.at, first.at];
  for (const { at } of rest) {
    if (Temporal.Instant.compare(at, from) < 0) from = at;
    if (Temporal.Instant.compare(at, last) > 0) last = at;
  }
  return { from, to: last.add({ hours: caseHorizonHours }) };
}

function show({ cases, coverage }: CaseReport): string {
  const lines = cases.flatMap(({ name, passed, failures, verdict }) => [
    `${passed ? "pass" : "FAIL"}  ${name}  (${verdict})`,
    ...failures.map((failure) => `      ${failure}`),
  ]);
  const unused = coverage.policies.filter((each) => each.cases.length === 0).map(({ policy }) => policy);
  const codes = coverage.rules.reduce((sum, { seen, unseen }) => sum + seen.length + unseen.length, 0);
  const seen = coverage.rules.reduce((sum, rule) => sum + rule.seen.length, 0);
  const silent = coverage.rules.filter((rule) => rule.seen.length === 0).map(({ rule }) => rule);
  lines.push(
    "",
    `Policies with a case: ${coverage.policies.length - unused.length} of ${coverage.policies.length}${listed(unused)}`,
    `Codes seen: ${seen} of ${codes}${listed(silent, "rules without any")}`,
  );
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function listed(names: readonly string[], what = "without"): string {
  return names.length === 0 ? "" : `; ${what}: ${names.join(", ")}`;
}
